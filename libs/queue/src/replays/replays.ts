import { uuidV7 } from '@sluice/events';
import type { QueueContext } from '../bullmq/context.ts';
import { openDeliveryQueue } from '../bullmq/open-queue.ts';
import type { DeadLetterFilter } from '../dead-letters/filter.ts';
import type { Operator } from '../scheduler/types.ts';
import { eachShard, type ShardedOptions } from '../sharding/across-shards.ts';
import { mergePlans, planReplay, type ReplayPlan } from './plan.ts';
import type { ReplayRecord, ReplayRequest, ReplayState } from './record.ts';
import { type Changed, ReplayStore } from './store.ts';

/** What an operator may do with replays; the work is done by the workers. */
export interface Replays extends Pick<ReplayStore, 'get' | 'list' | 'pause' | 'resume' | 'cancel'> {
  /** Resolves when Redis has been reached; never rejects. What is asked before fails. */
  readonly reached: Promise<void>;
  plan(filter: DeadLetterFilter): Promise<ReplayPlan>;
  /** Lets a replay run. Returns its id. */
  run(request: ReplayRequest, by: Operator): Promise<string>;
  close(): Promise<void>;
}

/**
 * Opens the replays; a Redis that is down makes what is asked fail, not wait. With several shards a replay is one in
 * each that has something of it, all of the same id.
 */
export function openReplays(options: ShardedOptions): Replays {
  const { all, reached, close } = eachShard(options, openOne);
  const plans = (filter: DeadLetterFilter) =>
    Promise.all(all().map(({ place }) => planReplay(place(), filter)));
  const get = async (id: string) => mergeReplays(await Promise.all(all().map(({ store }) => store.get(id))));
  const change = async (to: 'resume' | 'cancel', id: string, by: Operator) =>
    mergeChanges(await Promise.all(all().map(({ store }) => store[to](id, by))));
  return {
    reached,
    close,
    get,
    plan: async (filter) => mergePlans(await plans(filter)),
    async list(limit) {
      const lists = await Promise.all(all().map(({ store }) => store.list(limit)));
      return newest(lists.flat(), limit);
    },
    pause: async (id, by, pausedBy) =>
      mergeChanges(await Promise.all(all().map(({ store }) => store.pause(id, by, pausedBy)))),
    resume: (id, by) => change('resume', id, by),
    cancel: (id, by) => change('cancel', id, by),
    async run(request, by) {
      const id = `rpl_${uuidV7(Date.now())}`;
      const counts = (await plans(request.filter)).map(({ count }) => count);
      const total = counts.reduce((sum, count) => sum + count, 0);
      for (const [index, planned] of counts.entries()) {
        // One that has nothing to put back is done at once, and tells so, in the first shard.
        if (planned === 0 && (total > 0 || index > 0)) continue;
        const perMinute =
          request.perMinute === undefined ? {} : { perMinute: part(request.perMinute, planned, total) };
        await all()[index]?.store.create({ ...request, ...perMinute, id, planned }, by);
      }
      return id;
    },
  };
}

function openOne(options: ShardedOptions) {
  const { getOrThrow, redis, reached, close } = openDeliveryQueue(options);
  const base = `${options.prefix}:`;
  return {
    store: new ReplayStore(redis, options.prefix, Date.now),
    place: (): QueueContext => ({ redis, base, keyPrefix: getOrThrow().toKey('') }),
    reached,
    close,
  };
}

/** A shard's part of what may be put back a minute: all together end at about the same time. */
function part(perMinute: number, planned: number, total: number): number {
  return total === 0 ? perMinute : (perMinute * planned) / total;
}

function newest(parts: readonly ReplayRecord[], limit: number): readonly ReplayRecord[] {
  const ids = [...new Set(parts.map(({ id }) => id))];
  const merged = ids.flatMap((id) => mergeReplays(parts.filter((one) => one.id === id)) ?? []);
  return merged.sort((one, other) => other.createdAt - one.createdAt).slice(0, limit);
}

function mergeChanges(changes: readonly (Changed | undefined)[]): Changed | undefined {
  const known = changes.filter((change) => change !== undefined);
  return known.find(({ changed }) => changed) ?? known[0];
}

/** One that is paused in any shard waits for somebody; it is done when it is in all of them. */
const FIRST: readonly ReplayState[] = ['paused', 'running', 'cancelled', 'done'];

/** Puts together what became of a replay in each shard; undefined if none knows it. */
function mergeReplays(parts: readonly (ReplayRecord | undefined)[]): ReplayRecord | undefined {
  const known = parts.filter((part) => part !== undefined);
  const [first, ...others] = known;
  if (!first || others.length === 0) return first;
  const sum = (of: (part: ReplayRecord) => number) => known.reduce((total, part) => total + of(part), 0);
  const state = FIRST.find((candidate) => known.some((part) => part.state === candidate)) ?? first.state;
  const { why, pausedBy } =
    known.find((part) => part.state === state && part.why !== undefined) ?? ({} as Partial<ReplayRecord>);
  const isOver = state === 'cancelled' || state === 'done';
  return {
    id: first.id,
    filter: first.filter,
    until: first.until,
    ...(first.perMinute === undefined
      ? {}
      : { perMinute: Math.round(sum(({ perMinute = 0 }) => perMinute)) }),
    state,
    who: first.who,
    note: first.note,
    createdAt: first.createdAt,
    ...(isOver ? { endedAt: Math.max(...known.map(({ endedAt = 0 }) => endedAt)) } : {}),
    planned: sum(({ planned }) => planned),
    replayed: sum(({ replayed }) => replayed),
    delivered: sum(({ delivered }) => delivered),
    died: sum(({ died }) => died),
    removed: sum(({ removed }) => removed),
    base: { delivered: sum(({ base }) => base.delivered), died: sum(({ base }) => base.died) },
    ...(why === undefined ? {} : { why }),
    ...(pausedBy === undefined ? {} : { pausedBy }),
    steppedAt: Math.max(...known.map(({ steppedAt }) => steppedAt)),
    credit: sum(({ credit }) => credit),
  };
}
