import type { LookupResult } from '@sluice/botpress';
import type { DeliveryOutcome } from '@sluice/queue';
import { classifyRefusal, type DecisionContext, suspend } from './decide-outcome.ts';
import { type FailedAttempt, nextRetry } from './retry-schedule.ts';

export interface InDoubtContext extends DecisionContext {
  /** Milliseconds until the attempt's event must be listed, if it was created. */
  readonly left: number;
}

/**
 * Decides the outcome of an attempt that ended without an answer. The event is looked up on the retry schedule, and
 * once more after the last attempt, when it must be listed.
 */
export function decideAmbiguous(why: string, context: InDoubtContext): DeliveryOutcome {
  const after = nextRetry(context);
  if (after !== undefined) return { kind: 'retry', after, cause: 'answer_lost', reason: `ambiguous: ${why}` };
  return { kind: 'verifying', until: context.now + context.left };
}

/**
 * Decides the outcome after the lookup of an earlier attempt's event.
 *
 * @returns `undefined` if no event exists and the event may be sent again
 */
export function decideLookup(found: LookupResult, context: InDoubtContext): DeliveryOutcome | undefined {
  switch (found.kind) {
    case 'found':
      return { kind: 'delivered', eventId: found.eventId, reconciled: true };
    case 'absent':
      if (context.left > 0) return { kind: 'verifying', until: context.now + context.left };
      return nextRetry(context) === undefined ? exhausted(context) : undefined;
    case 'unknown':
      return retryLookup(context, found.reason);
    case 'refused': {
      const { status, type, retryAfter } = found.refusal;
      if (classifyRefusal(status) === 'suspend') return suspend(found.refusal, context);
      return retryLookup({ ...context, retryAfter }, `${status} ${type}`);
    }
  }
}

/** Retries the lookup instead of sending blindly. When the budget is spent, the delivery becomes a dead letter. */
function retryLookup(
  context: InDoubtContext & Pick<FailedAttempt, 'retryAfter'>,
  why: string,
): DeliveryOutcome {
  const after = nextRetry(context);
  if (after !== undefined)
    return { kind: 'retry', after, cause: 'answer_lost', reason: `ambiguous: lookup failed: ${why}` };
  const message = `An answer of createEvent was lost and the lookup of the event failed: ${why}`;
  return { kind: 'dead', reason: 'ambiguous', detail: { message } };
}

function exhausted({ attemptsMade }: InDoubtContext): DeliveryOutcome {
  const message = `${attemptsMade} attempts failed. The last one got no answer and created no event.`;
  return { kind: 'dead', reason: 'retries_exhausted', detail: { message } };
}
