import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import type { JobResolution, WorkerJob } from '../bullmq/worker.ts';
import { type AttemptNote, writeAttemptNote } from '../records/attempt.ts';
import { addBloomFilter } from '../records/bloom-filter.ts';
import type { Reading } from '../records/delivery.ts';
import { failureSourceOf, writeFailure } from '../records/failure.ts';
import type { ConnectionQueue, DeliveryOutcome, FailureDetail, JobResult } from '../records/outcome.ts';
import { park } from '../scheduler/park.ts';

/** A reserved job whose attempt has ended. */
export interface FinalizeContext {
  readonly job: WorkerJob;
  /** The delivery as it was read; `undefined` if it was not read because its process kept dying with it. */
  readonly reading: Reading | undefined;
  readonly backend: DeliveryBackend;
}

/** Finalizes an outcome: parks the delivery if it has to wait for a permit, and returns how its job ends. */
export async function finalizeDelivery(
  context: FinalizeContext,
  outcome: DeliveryOutcome,
): Promise<JobResolution> {
  const { job } = context;
  switch (outcome.kind) {
    case 'delivered':
      return complete({ eventId: outcome.eventId, reconciled: outcome.reconciled });
    case 'forwarded':
      return { ...complete({ forwarded: outcome.status }), ...(outcome.remove ? { remove: true } : {}) };
    case 'recorded':
      return complete({ recorded: true });
    case 'erased':
      // Its body names the person. Its deduplication key has a time to live and stays, so a resend is a duplicate.
      return { ...complete({ removed: outcome.removed }), remove: true };
    case 'retry':
      return {
        kind: 'retry',
        after: outcome.after,
        reason: outcome.reason,
        note: noteOf(job, outcome.detail ?? { message: outcome.reason }, 'retry'),
      };
    case 'paced':
    case 'held':
      return wait(context, outcome.until, outcome.lane);
    case 'verifying':
      return { kind: 'delayed', until: outcome.until };
    case 'lost':
      return { kind: 'lost', reason: 'another worker has the delivery by now' };
    case 'dead':
      return fail(context, outcome);
  }
}

function complete(result: JobResult): Extract<JobResolution, { kind: 'completed' }> {
  return { kind: 'completed', result };
}

async function wait(
  { job, backend }: FinalizeContext,
  until: number,
  lane?: ConnectionQueue,
): Promise<JobResolution> {
  if (!lane) return { kind: 'delayed', until };
  await park(backend, { ...lane, deliveryId: job.id, lock: job.lock, until });
  return { kind: 'parked' };
}

function fail(
  { job, reading }: FinalizeContext,
  { reason, detail, event }: Extract<DeliveryOutcome, { kind: 'dead' }>,
): JobResolution {
  const { message, failure } = writeFailure(reason, detail, failureSourceOf(job, event));
  return {
    kind: 'failed',
    message,
    // A delivery that was not read has no Bloom filter; a search reads its data instead.
    failure: reading?.ok ? addBloomFilter(failure, reading.delivery) : failure,
    note: noteOf(job, detail, reason),
  };
}

function noteOf(
  { reservedAt: at }: WorkerJob,
  { message, status, type, errorId }: FailureDetail,
  outcome: AttemptNote['outcome'],
): string {
  return writeAttemptNote({
    at,
    ms: Date.now() - at,
    outcome,
    message,
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
    ...(errorId === undefined ? {} : { errorId }),
  });
}
