import type { FindResult } from '@sluice/botpress';
import type { DeliveryOutcome } from '@sluice/queue';
import { type DecisionContext, holdDelivery, isRefusalOfBot } from './decide-outcome.ts';
import { type FailedAttempt, nextRetry } from './retry-schedule.ts';

export interface InDoubtContext extends DecisionContext {
  /** Milliseconds until the attempt's event must show, if it was created. */
  readonly left: number;
}

/**
 * Decides what becomes of a delivery whose attempt ended without an answer. It is looked for by the retry
 * schedule; after the last attempt once more, when its event must show.
 */
export function decideAmbiguous(why: string, context: InDoubtContext): DeliveryOutcome {
  const after = nextRetry(context);
  if (after !== undefined) return { kind: 'retry', after, reason: `ambiguous: ${why}` };
  return { kind: 'verifying', until: context.now + context.left };
}

/**
 * Decides by what a look for the event of an earlier attempt came to.
 *
 * @returns undefined if nothing was created and the event may be sent again
 */
export function decideLookup(found: FindResult, context: InDoubtContext): DeliveryOutcome | undefined {
  switch (found.kind) {
    case 'found':
      return { kind: 'delivered', eventId: found.eventId, reconciled: true };
    case 'absent':
      if (context.left > 0) return { kind: 'verifying', until: context.now + context.left };
      return nextRetry(context) === undefined ? exhausted(context) : undefined;
    case 'unknown':
      return lookAgain(context, found.why);
    case 'refused': {
      const { status, type, retryAfter } = found.refusal;
      if (isRefusalOfBot(status)) return holdDelivery(found.refusal, context);
      return lookAgain({ ...context, retryAfter }, `${status} ${type}`);
    }
  }
}

/** Never a blind send: as long as nobody knows, it is looked for, and in the end an operator is told. */
function lookAgain(
  context: InDoubtContext & Pick<FailedAttempt, 'retryAfter'>,
  why: string,
): DeliveryOutcome {
  const after = nextRetry(context);
  if (after !== undefined) return { kind: 'retry', after, reason: `ambiguous: could not look: ${why}` };
  const message = `an answer was lost, and Botpress could not be asked whether the event is there: ${why}`;
  return { kind: 'dead', reason: 'ambiguous', detail: { message } };
}

function exhausted({ attemptsMade }: InDoubtContext): DeliveryOutcome {
  const message = `${attemptsMade} attempts failed; the last got no answer and created nothing`;
  return { kind: 'dead', reason: 'retries_exhausted', detail: { message } };
}
