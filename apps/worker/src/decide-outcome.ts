import type { Refusal, SendResult } from '@sluice/botpress';
import type { ConnectionQueue, DeliveryOutcome, FailureDetail, RetryCause } from '@sluice/queue';
import { type FailedAttempt, nextRetry } from './retry-schedule.ts';

export interface DecisionContext extends Omit<FailedAttempt, 'retryAfter'> {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lane: ConnectionQueue;
}

/** A result of createEvent that leaves no doubt. */
export type KnownResult = Exclude<SendResult, { kind: 'ambiguous' }>;

/** Decides the outcome of a delivery by the result of its createEvent call. */
export function decideOutcome(result: KnownResult, context: DecisionContext): DeliveryOutcome {
  switch (result.kind) {
    case 'created':
      return { kind: 'delivered', eventId: result.eventId, reconciled: false };
    case 'not_sent':
      return retry(context, 'not_sent', `not sent: ${result.reason}`, {});
    case 'refused':
      return decideRefusal(result.refusal, context);
  }
}

/**
 * What a refusal means:
 * - `retry`: temporary and unrelated to the event or its connection: too early (425, sent by proxies), rate limited
 *   (429), an error of Botpress (5xx);
 * - `suspend`: the token (401, 403), the plan (402, 403 QuotaExceeded) or the bot (404) is refused. Every event of the
 *   connection would be refused as well, so its deliveries are held;
 * - `dead`: this event is refused.
 */
export type RefusalClass = 'retry' | 'suspend' | 'dead';

/**
 * Classifies a refusal of Botpress.
 *
 * @param status HTTP status of the refusal
 */
export function classifyRefusal(status: number): RefusalClass {
  if (status === 425 || status === 429 || status >= 500) return 'retry';
  if (status === 401 || status === 402 || status === 403 || status === 404) return 'suspend';
  return 'dead';
}

function decideRefusal(refusal: Refusal, context: DecisionContext): DeliveryOutcome {
  const { status, type, message, errorId, retryAfter } = refusal;
  const detail = { message, status, type, ...(errorId === undefined ? {} : { errorId }) };
  switch (classifyRefusal(status)) {
    case 'retry':
      return retry({ ...context, retryAfter }, 'refused', `${status} ${type}`, detail);
    case 'suspend':
      return suspend(refusal, context);
    case 'dead':
      return { kind: 'dead', reason: status === 413 ? 'too_large' : 'rejected', detail };
  }
}

/** Retries on the schedule; a dead letter when its budget is spent. */
export function retry(
  context: FailedAttempt,
  cause: RetryCause,
  reason: string,
  detail: Partial<FailureDetail>,
): DeliveryOutcome {
  const after = nextRetry(context);
  if (after !== undefined) {
    return { kind: 'retry', after, cause, reason, detail: { message: reason, ...detail } };
  }
  const message = `${context.attemptsMade + 1} attempts failed, the last: ${reason}`;
  return { kind: 'dead', reason: 'retries_exhausted', detail: { ...detail, message } };
}

/** Milliseconds. The scheduler calls a held delivery back as a probe or when the circuit closes; this is the fallback. */
const HELD_FALLBACK = 3_600_000;

/** Holds a delivery in its connection queue because its token, plan or bot was refused. Costs no attempt. */
export function suspend(
  { status, type }: Refusal,
  { now, lane }: Pick<DecisionContext, 'now' | 'lane'>,
): DeliveryOutcome {
  return {
    kind: 'held',
    until: now + HELD_FALLBACK,
    cause: 'refusals',
    reason: `${status} ${type}`,
    status,
    lane,
  };
}
