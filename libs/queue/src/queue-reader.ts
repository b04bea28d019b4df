import type { Queue } from 'bullmq';
import type { RedisConnectionOptions } from './connect-redis.ts';
import { type DeadLetterGroup, readGroups } from './dead-letters/read-groups.ts';
import { openReachableQueue } from './reachable-queue.ts';
import { type ReplayActivity, readReplayActivity } from './replays/read-activity.ts';
import { readSweep, type Sweep } from './retention/sweep.ts';

/** How a queue stands. */
export interface QueueState {
  readonly waiting: number;
  readonly active: number;
  /** Retried, paced or held until some time. */
  readonly delayed: number;
  readonly dead: number;
  /** When the delivery that waits longest was received, in milliseconds since the epoch. */
  readonly oldestWaiting: number | undefined;
}

/** How the dead letters of a queue stand, and what is replayed of them. */
export interface DeadState {
  readonly groups: readonly DeadLetterGroup[];
  /** Of the retention, whoever made it; undefined before the first. */
  readonly sweep: Sweep | undefined;
  readonly replays: ReplayActivity;
}

export interface QueueReader {
  /** Two round trips, whatever the queue's length; undefined if Redis cannot be reached. */
  read(): Promise<QueueState | undefined>;
  /** Costs by the number of groups, not of dead letters; undefined if Redis cannot be reached. */
  readDead(): Promise<DeadState | undefined>;
  close(): Promise<void>;
}

/** Opens the queue for looking at it. */
export function openQueueReader(options: RedisConnectionOptions & { readonly prefix: string }): QueueReader {
  const queue = openReachableQueue(options);
  return {
    read: async () => {
      const reachable = queue.get();
      return reachable && readState(reachable);
    },
    readDead: async () => {
      const reachable = queue.get();
      if (!reachable) return undefined;
      const place = { redis: queue.redis, base: `${options.prefix}:`, keyPrefix: reachable.toKey('') };
      const [groups, sweep, replays] = await Promise.all([
        readGroups(place),
        readSweep(place),
        readReplayActivity(place),
      ]);
      return { groups, sweep, replays };
    },
    close: queue.close,
  };
}

async function readState(queue: Queue): Promise<QueueState> {
  const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed');
  const [oldest] = await queue.getJobs(['wait'], 0, 0, true);
  const of = (state: string) => counts[state] ?? 0;
  return {
    waiting: of('wait') + of('prioritized'),
    active: of('active'),
    delayed: of('delayed'),
    dead: of('failed'),
    oldestWaiting: oldest?.timestamp,
  };
}
