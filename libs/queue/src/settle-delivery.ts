import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import { writeDeadReason } from './dead-letter.ts';
import type { DeliveryOutcome } from './delivery-outcome.ts';

/** What a completed job returns; kept as long as delivered jobs are. */
export type Settled =
  | { readonly eventId: string; readonly reconciled: boolean }
  | { readonly removed: number }
  | { readonly recorded: true };

/** Fails an attempt; BullMQ waits `after` milliseconds before the next. */
class RetryLater extends Error {
  readonly after: number;

  constructor(reason: string, after: number) {
    super(reason);
    this.after = after;
  }
}

/** Milliseconds. An error that no outcome foresaw is a bug of ours: slow, so that it cannot spin. */
const UNFORESEEN = 60_000;

/** BullMQ's backoff strategy: the outcome has already said how long. */
export function waitAsSettled(_attempts: number, _type?: string, error?: Error): number {
  return error instanceof RetryLater ? error.after : UNFORESEEN;
}

/**
 * Tells BullMQ what became of a delivery, in its own terms: it returns, or it throws what BullMQ reads as
 * later or never. The only place that does.
 *
 * @param token the lock of this attempt
 */
export async function settleDelivery(job: Job, token: string, outcome: DeliveryOutcome): Promise<Settled> {
  switch (outcome.kind) {
    case 'delivered':
      return { eventId: outcome.eventId, reconciled: outcome.reconciled };
    case 'recorded':
      return { recorded: true };
    case 'erased':
      // Its body names the person; BullMQ reads this when it completes the job, and removes it then. Its
      // deduplication key has a time to live and stays, so a resend is still a duplicate.
      job.opts.removeOnComplete = true;
      return { removed: outcome.removed };
    case 'retry':
      throw withoutStack(new RetryLater(outcome.reason, outcome.after));
    case 'paced':
    case 'held':
      // Unlike a failed attempt this does not count.
      await job.moveToDelayed(outcome.until, token);
      throw new DelayedError();
    case 'dead':
      throw withoutStack(new UnrecoverableError(writeDeadReason(outcome.reason, outcome.detail)));
  }
}

/** BullMQ stores the stack with the job; ours always ends in this file and would cost 1 kB a dead letter. */
function withoutStack<T extends Error>(error: T): T {
  error.stack = '';
  return error;
}
