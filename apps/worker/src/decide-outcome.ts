import type { Refusal, SendResult } from '@sluice/botpress';
import type { ConnectionQueue, DeliveryOutcome, FailureDetail } from '@sluice/queue';
import { holdDelivery } from './hold-delivery.ts';
import { isRefusalForNow } from './refusal-for-now.ts';
import { isRefusalOfBot } from './refusal-of-bot.ts';
import { type FailedAttempt, nextRetry } from './retry-schedule.ts';

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
