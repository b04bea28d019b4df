import { z } from 'zod';
import type { DeliveryJob, DeliveryQueue } from '../bullmq/open-queue.ts';
import { type AttemptNote, readAttemptNotes } from '../records/attempt.ts';
import { type Reading, readDelivery } from '../records/delivery.ts';
import { type EditNote, readEditNotes } from '../records/edit.ts';
import { type Failure, readFailure } from '../records/failure.ts';
import type { JobResult } from '../records/outcome.ts';
import type { RedisConnection } from '../redis/connect.ts';
import type { Operator } from '../scheduler/types.ts';

/** Where a delivery is, and what goes with that. Times are in milliseconds since the epoch. */
export type Whereabouts =
  | { readonly state: 'waiting' | 'active' }
  /** Retried, settling, paced or held. */
  | { readonly state: 'delayed'; readonly until: number }
  | { readonly state: 'delivered'; readonly at: number; readonly settled: JobResult }
  | { readonly state: 'dead'; readonly at: number; readonly death: Failure }
  /** It was dead, until an operator discarded it: for a day it can be undone. */
  | { readonly state: 'discarded'; readonly at: number; readonly death: Failure; readonly by: DiscardNote };

/** Who discarded a delivery, why, and when. */
export interface DiscardNote extends Operator {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** All that is known of one delivery. */
export interface DeliveryRecord {
  readonly id: string;
  readonly topic: string;
  readonly reading: Reading;
  readonly where: Whereabouts;
  /** Attempts that count: those since it was replayed, if it was. */
  readonly attemptsMade: number;
  /** How attempts ended that brought no event, the oldest first; those before a replay as well. */
  readonly attempts: readonly AttemptNote[];
  /** When an attempt began that may have created an event, and is not known to have ended. */
  readonly began?: number;
  /** It was dead, and a replay has put it back: which one, or nothing where that is not told. */
  readonly replay?: string;
  /** How operators edited it, the oldest first; and what it was before. */
  readonly edits: readonly EditNote[];
  readonly original?: Reading;
}

/** BullMQ's scores of what is delayed are milliseconds times this. */
const DUE_SCALE = 0x1000;

/** Reads all that is known of a delivery; undefined if there is none of that id any more. */
export async function readRecord(
  { queue, redis }: { readonly queue: DeliveryQueue; readonly redis: RedisConnection },
  id: string,
): Promise<DeliveryRecord | undefined> {
  const [job, state, [began, replay, edits, original, discarded] = [], due] = await Promise.all([
    queue.getJob(id),
    queue.getJobState(id),
    redis.hmget(queue.toKey(id), 'sl:began', 'sl:replay', 'sl:edits', 'sl:original', 'sl:discarded'),
    redis.zscore(queue.toKey('delayed'), id),
  ]);
  if (!job) return undefined;
  const noted = discarded ? discardNote.parse(JSON.parse(discarded)) : undefined;
  return {
    id,
    topic: job.name,
    reading: readDelivery(id, job.data),
    where: noted ? isDiscarded(job, noted) : whereIs(job, state, Math.floor(Number(due) / DUE_SCALE)),
    attemptsMade: job.attemptsMade,
    attempts: readAttemptNotes(job.stacktrace),
    ...(began ? { began: Number(began) } : {}),
    ...(typeof replay === 'string' ? { replay } : {}),
    edits: readEditNotes(edits),
    ...(original ? { original: readDelivery(id, JSON.parse(original)) } : {}),
  };
}

const discardNote = z.object({ who: z.string(), reason: z.string(), at: z.number() });

function isDiscarded(job: DeliveryJob, by: DiscardNote): Whereabouts {
  return { state: 'discarded', at: by.at, death: readFailure(job.failedReason ?? ''), by };
}

function whereIs(job: DeliveryJob, state: string, due: number): Whereabouts {
  const at = job.finishedOn ?? job.timestamp;
  switch (state) {
    case 'failed':
      return { state: 'dead', at, death: readFailure(job.failedReason ?? '') };
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
