import type { QueueContext } from '../bullmq/context.ts';
import type { DeliveryQueue } from '../bullmq/open-queue.ts';
import { type DeadLetterGroup, mergeGroups, readGroups } from '../dead-letters/groups.ts';
import { mergeSweeps, readSweep, type Sweep } from '../dead-letters/retention.ts';
import { mergeActivity, type ReplayActivity, readReplayActivity } from '../replays/stats.ts';
import { acrossReachedShards, type Shards } from '../sharding/across-shards.ts';

/** Number of deliveries by state. */
export interface QueueState {
  readonly waiting: number;
  readonly active: number;
  /** Retried, verifying, paced or held: not processed before a certain time. */
  readonly delayed: number;
  readonly dead: number;
}

/** The dead letters of a queue and the activity of its replays. */
export interface DeadState {
  readonly groups: readonly DeadLetterGroup[];
  /** The last retention sweep of any process; undefined before the first. */
  readonly sweep: Sweep | undefined;
  readonly replays: ReplayActivity;
}

export interface QueueReader {
  /** Reads in one round trip, regardless of the queue's length. Returns undefined if Redis cannot be reached. */
  read(): Promise<QueueState | undefined>;
  /**
   * Returns how many deliveries of one shard wait for a worker; undefined if Redis cannot be reached.
   *
   * @param prefix prefix of the shard's keys
   */
  countWaiting(prefix: string): Promise<number | undefined>;
  /** The cost grows with the number of groups, not of dead letters. Returns undefined if Redis cannot be reached. */
  readDead(): Promise<DeadState | undefined>;
}

/** Returns the reader of the queue's state in all shards. */
export function createQueueReader(shards: Shards): QueueReader {
  return {
    read: () => acrossReachedShards(shards, ({ queue }) => readState(queue), mergeStates),
    countWaiting: async (prefix) => {
      const context = shards
        .all()
        .find((shard) => shard.prefix === prefix)
        ?.context();
      return context && (await readState(context.queue)).waiting;
    },
    readDead: () => acrossReachedShards(shards, readDead, mergeDead),
  };
}

async function readDead(context: QueueContext): Promise<DeadState> {
  const [groups, sweep, replays] = await Promise.all([
    readGroups(context),
    readSweep(context),
    readReplayActivity(context),
  ]);
  return { groups, sweep, replays };
}

function mergeStates(states: readonly QueueState[]): QueueState {
  const sum = (counter: keyof QueueState) => states.reduce((total, state) => total + state[counter], 0);
  return { waiting: sum('waiting'), active: sum('active'), delayed: sum('delayed'), dead: sum('dead') };
}

function mergeDead(states: readonly DeadState[]): DeadState {
  return {
    groups: mergeGroups(states.map(({ groups }) => groups)),
    sweep: mergeSweeps(states.flatMap(({ sweep }) => sweep ?? [])),
    replays: mergeActivity(states.map(({ replays }) => replays)),
  };
}

async function readState(queue: DeliveryQueue): Promise<QueueState> {
  const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed');
  const of = (state: string) => counts[state] ?? 0;
  return {
    waiting: of('wait') + of('prioritized'),
    active: of('active'),
    delayed: of('delayed'),
    dead: of('failed'),
  };
}
