import { DelayedError, type Job, UnrecoverableError } from 'bullmq';
import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import { writeAttemptNote } from '../records/attempt.ts';
import { addBloomFilter } from '../records/bloom-filter.ts';
import type { Reading } from '../records/delivery.ts';
import { failureSourceOf, writeFailure } from '../records/failure.ts';
import type { ConnectionQueue, DeliveryOutcome } from '../records/outcome.ts';
import { park } from '../scheduler/park.ts';

/** What a completed job returns; kept as long as delivered jobs are. */
export type JobResult =
  | { readonly eventId: string; readonly reconciled: boolean }
  | { readonly removed: number }
  | { readonly recorded: true };

/** A job as it was taken. */
export interface FinalizeContext {
  readonly job: Job;
  /** What its data were read as; undefined where nobody has dared to, for its process has died with it. */
  readonly reading: Reading | undefined;
  /** The lock of this taking. */
  readonly lock: string;
  readonly backend: DeliveryBackend;
}

/** Fails an attempt; BullMQ waits `after` milliseconds before the next. */
class RetryLater extends Error {
  readonly after: number;

  constructor(reason: string, after: number) {
    super(reason);
    this.after = after;
  }
}

type Failed = Extract<DeliveryOutcome, { kind: 'retry' | 'dead' }>;

/** Milliseconds. An error that no outcome foresaw is a bug of ours: slow, so that it cannot spin. */
const UNFORESEEN = 60_000;

/** BullMQ's backoff strategy: the outcome has already said how long. */
export function backoffDelay(_attempts: number, _type?: string, error?: Error): number {
  return error instanceof RetryLater ? error.after : UNFORESEEN;
}

/**
 * Tells BullMQ what became of a delivery, in its own terms: it returns, or it throws what BullMQ reads as
 * later or never. The only place that does.
 */
export async function finalizeDelivery(
  taking: FinalizeContext,
  outcome: DeliveryOutcome,
): Promise<JobResult> {
  const { job, reading } = taking;
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
      throw withNote(new RetryLater(outcome.reason, outcome.after), job, outcome);
    case 'paced':
    case 'held':
      return wait(taking, outcome.until, outcome.lane);
    case 'verifying':
      return wait(taking, outcome.until);
    case 'lost':
      // BullMQ refuses whatever is asked for without the lock, so this only says why.
      throw withoutStack(new Error('another worker has the delivery by now'));
    case 'dead': {
      const told = writeFailure(outcome.reason, outcome.detail, failureSourceOf(job, outcome.event));
      // Of what was not read there is no sieve: it is looked at itself by who searches.
      const sieved = reading?.ok ? addBloomFilter(told, reading.delivery) : told;
      throw withNote(new UnrecoverableError(sieved), job, outcome);
    }
  }
}

/** Unlike a failed attempt this does not count. */
async function wait(
  { job, lock, backend }: FinalizeContext,
  until: number,
  lane?: ConnectionQueue,
): Promise<never> {
  if (lane) await park(backend, { ...lane, deliveryId: job.id ?? '', lock, until });
  else await job.moveToDelayed(until, lock);
  throw new DelayedError();
}

/** BullMQ stores the stack with the job; ours always ends in this file and would cost 1 kB a dead letter. */
function withoutStack<T extends Error>(error: T): T {
  error.stack = '';
  return error;
}

/** What BullMQ stores instead of the stack: how the attempt ended. */
function withNote<T extends Error>(error: T, { processedOn }: Job, outcome: Failed): T {
  const at = processedOn ?? Date.now();
  const { status, type, errorId, message } = outcome.detail ?? { message: outcome.reason };
  error.stack = writeAttemptNote({
    at,
    ms: Date.now() - at,
    outcome: outcome.kind === 'dead' ? outcome.reason : 'retry',
    message,
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
    ...(errorId === undefined ? {} : { errorId }),
  });
  return error;
}
