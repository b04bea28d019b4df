import { z } from 'zod';
import { DELIVERY_FIELDS, dueAt, QUEUE_KEYS } from '../bullmq/layout.ts';
import type { DeliveryJob, DeliveryQueue } from '../bullmq/open-queue.ts';
import { type AttemptNote, readAttemptNotes } from '../records/attempt.ts';
import { type Reading, readDelivery } from '../records/delivery.ts';
import { type EditNote, readEditNotes } from '../records/edit.ts';
import { type Failure, readFailure } from '../records/failure.ts';
import type { JobResult } from '../records/outcome.ts';
import type { RedisConnection } from '../redis/connect.ts';
import type { Operator } from '../scheduler/types.ts';

/** The state of a delivery, with its details. Times are in milliseconds since the epoch. */
export type Whereabouts =
  | { readonly state: 'waiting' | 'active' }
  /** Retried, verifying, paced or held. */
  | { readonly state: 'delayed'; readonly until: number }
  | { readonly state: 'delivered'; readonly at: number; readonly settled: JobResult }
  | { readonly state: 'dead'; readonly at: number; readonly death: Failure }
  /** A dead letter that an operator discarded. It can be restored for a day. */
  | { readonly state: 'discarded'; readonly at: number; readonly death: Failure; readonly by: DiscardNote };

/** Who discarded a delivery, why, and when. */
export interface DiscardNote extends Operator {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Everything that is stored of a delivery. */
export interface DeliveryRecord {
  readonly id: string;
  readonly topic: string;
  readonly reading: Reading;
  readonly where: Whereabouts;
  /** Counted attempts, since the last replay if there was one. */
  readonly attemptsMade: number;
  /** The attempts that created no event, oldest first, including those before a replay. */
  readonly attempts: readonly AttemptNote[];
  /** When an attempt started that may have created an event and whose result is unknown. */
  readonly began?: number;
  /** The replay that requeued it as a dead letter; empty for a replay of a single dead letter. */
  readonly replay?: string;
  /** Edits by operators, oldest first, and the delivery before the first one. */
  readonly edits: readonly EditNote[];
  readonly original?: Reading;
}

const FIELDS = [
  DELIVERY_FIELDS.attemptStartedAt,
  DELIVERY_FIELDS.replay,
  DELIVERY_FIELDS.edits,
  DELIVERY_FIELDS.original,
  DELIVERY_FIELDS.discarded,
  DELIVERY_FIELDS.failure,
] as const;

/** Returns everything that is stored of a delivery; undefined if no delivery has the id. */
export async function readRecord(
  { queue, redis }: { readonly queue: DeliveryQueue; readonly redis: RedisConnection },
  id: string,
): Promise<DeliveryRecord | undefined> {
  const [job, state, [began, replay, edits, original, discarded, failure] = [], due] = await Promise.all([
    queue.getJob(id),
    queue.getJobState(id),
    redis.hmget(queue.toKey(id), ...FIELDS),
    redis.zscore(queue.toKey(QUEUE_KEYS.delayed), id),
  ]);
  if (!job) return undefined;
  const discardedBy = discarded ? discardNote.parse(JSON.parse(discarded)) : undefined;
  return {
    id,
    topic: job.name,
    reading: readDelivery(id, job.data),
    where: discardedBy
      ? {
          state: 'discarded',
          at: discardedBy.at,
          death: readFailure(failure, job.failedReason),
          by: discardedBy,
        }
      : whereIs(job, state, dueAt(Number(due)), failure),
    attemptsMade: job.attemptsMade,
    attempts: readAttemptNotes(job.stacktrace),
    ...(began ? { began: Number(began) } : {}),
    ...(typeof replay === 'string' ? { replay } : {}),
    edits: readEditNotes(edits),
    ...(original ? { original: readDelivery(id, JSON.parse(original)) } : {}),
  };
}

const discardNote = z.object({ who: z.string(), reason: z.string(), at: z.number() });

function whereIs(
  job: DeliveryJob,
  state: string,
  due: number,
  failure: string | null | undefined,
): Whereabouts {
  const at = job.finishedOn ?? job.timestamp;
  switch (state) {
    case 'failed':
      return { state: 'dead', at, death: readFailure(failure, job.failedReason) };
    case 'completed':
      return { state: 'delivered', at, settled: job.returnvalue as JobResult };
    case 'delayed':
      return { state: 'delayed', until: due };
    case 'active':
      return { state: 'active' };
    default:
      return { state: 'waiting' };
  }
}
