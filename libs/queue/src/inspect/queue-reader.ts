import type { QueueContext } from '../bullmq/context.ts';
import type { DeliveryQueue } from '../bullmq/open-queue.ts';
import { type DeadLetterGroup, mergeGroups, readGroups } from '../dead-letters/groups.ts';
import { mergeSweeps, readSweep, type Sweep } from '../dead-letters/retention.ts';
import { mergeActivity, type ReplayActivity, readReplayActivity } from '../replays/stats.ts';
import { acrossReachedShards, type Shards } from '../sharding/across-shards.ts';

/** How a queue stands. */
export interface QueueState {
  readonly waiting: number;
  readonly active: number;
  /** Retried, paced or held until some time. */
  readonly delayed: number;
  readonly dead: number;
}

/** How the dead letters of a queue stand, and what is replayed of them. */
export interface DeadState {
  readonly groups: readonly DeadLetterGroup[];
  /** Of the retention, whoever made it; undefined before the first. */
  readonly sweep: Sweep | undefined;
  readonly replays: ReplayActivity;
}

export interface QueueReader {
  /** One round trip, whatever the queue's length; undefined if Redis cannot be reached. */
  read(): Promise<QueueState | undefined>;
  /**
   * How many deliveries of one shard wait to be taken; undefined if Redis cannot be reached.
   *
   * @param prefix of the shard's keys
   */
  countWaiting(prefix: string): Promise<number | undefined>;
  /** Costs by the number of groups, not of dead letters; undefined if Redis cannot be reached. */
  readDead(): Promise<DeadState | undefined>;
}

/** Returns what reads the state of the queue, in all its shards. */
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

async function readDead(place: QueueContext): Promise<DeadState> {
  const [groups, sweep, replays] = await Promise.all([
    readGroups(place),
    readSweep(place),
    readReplayActivity(place),
  ]);
  return { groups, sweep, replays };
}

function mergeStates(states: readonly QueueState[]): QueueState {
  const of = (what: keyof QueueState) => states.reduce((total, state) => total + state[what], 0);
  return { waiting: of('waiting'), active: of('active'), delayed: of('delayed'), dead: of('dead') };
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
