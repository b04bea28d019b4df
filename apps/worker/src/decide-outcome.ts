import type { Refusal, SendResult } from '@sluice/botpress';
import type { ConnectionQueue, DeliveryOutcome, FailureDetail } from '@sluice/queue';
import { type FailedAttempt, nextRetry } from './retry-schedule.ts';

/**
 * Tells whether a refusal is for now only: too early (425, which proxies answer), a limit (429), or an error of
 * Botpress' own (5xx). It says nothing of the event, nor of its connection, and the event is tried again.
 *
 * @param status HTTP status of the refusal
 */
export function isRefusalForNow(status: number): boolean {
  return status === 425 || status === 429 || status >= 500;
}

/**
 * Tells whether Botpress refuses the token (401, 403), the plan (402, 403 QuotaExceeded) or the bot (404), and
 * not this one event: every other of the connection would fare alike, so they are held and not lost.
 *
 * @param status HTTP status of the refusal
 */
export function isRefusalOfBot(status: number): boolean {
  return status === 401 || status === 402 || status === 403 || status === 404;
}

export interface DecisionContext extends Omit<FailedAttempt, 'retryAfter'> {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly lane: ConnectionQueue;
}

/** What a call came to whose end is known. */
export type KnownResult = Exclude<SendResult, { kind: 'ambiguous' }>;

/** Decides what becomes of a delivery, by what its one call of createEvent came to. */
export function decideOutcome(result: KnownResult, context: DecisionContext): DeliveryOutcome {
  switch (result.kind) {
    case 'created':
      return { kind: 'delivered', eventId: result.eventId, reconciled: false };
    case 'not_sent':
      return retry(context, `not sent: ${result.why}`, {});
    case 'refused':
      return decideRefusal(result.refusal, context);
  }
}

function decideRefusal(refusal: Refusal, context: DecisionContext): DeliveryOutcome {
  const { status, type, message, errorId, retryAfter } = refusal;
  const detail = { message, status, type, ...(errorId === undefined ? {} : { errorId }) };
  if (isRefusalForNow(status)) return retry({ ...context, retryAfter }, `${status} ${type}`, detail);
  if (isRefusalOfBot(status)) return holdDelivery(refusal, context);
  return { kind: 'dead', reason: status === 413 ? 'too_large' : 'rejected', detail };
}

function retry(
  context: DecisionContext & Pick<FailedAttempt, 'retryAfter'>,
  reason: string,
  detail: Partial<FailureDetail>,
): DeliveryOutcome {
  const after = nextRetry(context);
  if (after !== undefined) return { kind: 'retry', after, reason, detail: { message: reason, ...detail } };
  const message = `${context.attemptsMade + 1} attempts failed, the last: ${reason}`;
  return { kind: 'dead', reason: 'retries_exhausted', detail: { ...detail, message } };
}

/** Milliseconds. The gate calls a refused delivery back, as a probe or when the hold ends; this is its net. */
const HOLD = 3_600_000;

/** Lets a delivery wait in its lane whose bot was refused, without an attempt. */
export function holdDelivery(
  { status, type }: Refusal,
  { now, lane }: Pick<DecisionContext, 'now' | 'lane'>,
): DeliveryOutcome {
  return { kind: 'held', until: now + HOLD, reason: `${status} ${type}`, lane };
}
