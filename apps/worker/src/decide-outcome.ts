import type { Refusal, SendResult } from '@sluice/botpress';
import type { DeadDetail, DeliveryOutcome } from '@sluice/queue';
import { type FailedAttempt, nextRetry } from './retry-schedule.ts';

export interface DecisionContext extends Omit<FailedAttempt, 'retryAfter'> {
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Milliseconds between two tries of a delivery whose bot or token is refused: nothing to gain sooner. */
const HOLD = 60_000;

/** Decides what becomes of a delivery, by what its one call of createEvent came to. */
export function decideOutcome(result: SendResult, context: DecisionContext): DeliveryOutcome {
  switch (result.kind) {
    case 'created':
      return { kind: 'delivered', eventId: result.eventId, reconciled: false };
    case 'not_sent':
      return retry(context, `not sent: ${result.why}`, {});
    case 'ambiguous':
      return retry(context, `ambiguous: ${result.why}`, {});
    case 'refused':
      return decideRefusal(result.refusal, context);
  }
}

function decideRefusal(refusal: Refusal, context: DecisionContext): DeliveryOutcome {
  const { status, type, message, errorId, retryAfter } = refusal;
  const detail = { message, status, type, ...(errorId === undefined ? {} : { errorId }) };
  if (status === 429 || status === 408 || status >= 500) {
    return retry({ ...context, retryAfter }, `${status} ${type}`, detail);
  }
  if (isRefusalOfBot(status, type)) {
    return { kind: 'held', until: context.now + HOLD, reason: `${status} ${type}` };
  }
  return { kind: 'dead', reason: status === 413 ? 'too_large' : 'rejected', detail };
}

/** The token, the plan or the bot is the trouble and not this event: every other would fare alike. */
function isRefusalOfBot(status: number, type: string): boolean {
  return status === 401 || status === 402 || status === 404 || (status === 403 && type === 'Forbidden');
}

function retry(
  context: DecisionContext & Pick<FailedAttempt, 'retryAfter'>,
  reason: string,
  detail: Partial<DeadDetail>,
): DeliveryOutcome {
  const after = nextRetry(context);
  if (after !== undefined) return { kind: 'retry', after, reason };
  const message = `${context.attemptsMade + 1} attempts failed, the last: ${reason}`;
  return { kind: 'dead', reason: 'retries_exhausted', detail: { ...detail, message } };
}
