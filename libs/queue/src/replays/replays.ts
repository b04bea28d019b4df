import { uuidV7 } from '@sluice/events';
import type { DeadLetterFilter } from '../dead-letters/filter.ts';
import type { Operator } from '../scheduler/types.ts';
import { acrossShards, perShard, type Shards } from '../sharding/across-shards.ts';
import { mergePlans, planReplay, type ReplayPlan } from './plan.ts';
import type { ReplayRecord, ReplayRequest, ReplayState } from './record.ts';
import { ReplayStore, type StateChange } from './store.ts';

/** Operations on replays. Workers carry them out. */
export interface Replays extends Pick<ReplayStore, 'get' | 'list' | 'pause' | 'resume' | 'cancel'> {
  plan(filter: DeadLetterFilter): Promise<ReplayPlan>;
  /**
   * Starts a replay and returns its id.
   *
   * @throws SecondEventsError if it would create second events and the operator has not confirmed that
   */
  run(request: ReplayRequest & SecondEvents, by: Operator): Promise<string>;
}

export interface SecondEvents {
  /** The operator confirms that the replay creates second events: the bot may have acted on the first ones. */
  readonly secondEvents?: boolean;
}

/** A replay was not started: the bot failed or ignored events of its dead letters, and may have acted on them. */
export class SecondEventsError extends Error {
  override readonly name = 'SecondEventsError';
  readonly count: number;

  /** @param count dead letters that have an event already */
  constructor(count: number) {
    super(
      `${count} of the dead letters have an event that the bot failed or ignored. Confirm second events.`,
    );
    this.count = count;
  }
}

/**
 * Returns the replays of all shards. Every method rejects while Redis is down. With several shards, each that has dead
 * letters of a replay has its own record of it, under the same id.
 */
export function createReplays(shards: Shards): Replays {
  const stores = perShard(shards, ({ redis, prefix }) => new ReplayStore(redis, prefix, Date.now));
  const plans = (filter: DeadLetterFilter) =>
    acrossShards(
      shards,
      async (shard) => planReplay(shard.contextOrThrow(), filter),
      (parts) => parts,
    );
  const get = async (id: string) => mergeReplays(await Promise.all(stores().map((store) => store.get(id))));
  const change = async (to: 'resume' | 'cancel', id: string, by: Operator) =>
    mergeChanges(await Promise.all(stores().map((store) => store[to](id, by))));
  return {
    get,
    plan: async (filter) => mergePlans(await plans(filter)),
    async list(limit) {
      const lists = await Promise.all(stores().map((store) => store.list(limit)));
      return newest(lists.flat(), limit);
    },
    pause: async (id, by, pausedBy) =>
      mergeChanges(await Promise.all(stores().map((store) => store.pause(id, by, pausedBy)))),
    resume: (id, by) => change('resume', id, by),
    cancel: (id, by) => change('cancel', id, by),
    async run({ secondEvents: isConfirmed, ...request }, by) {
      const id = `rpl_${uuidV7(Date.now())}`;
      const planned = await plans(request.filter);
      const { secondEvents } = mergePlans(planned);
      if (secondEvents > 0 && !isConfirmed) throw new SecondEventsError(secondEvents);
      const counts = planned.map(({ count }) => count);
      const total = counts.reduce((sum, count) => sum + count, 0);
      for (const [index, planned] of counts.entries()) {
        // A replay without dead letters is created in the first shard only, where it is done at once.
        if (planned === 0 && (total > 0 || index > 0)) continue;
        const perMinute =
          request.perMinute === undefined ? {} : { perMinute: shareOf(request.perMinute, planned, total) };
        await stores()[index]?.create({ ...request, ...perMinute, id, planned }, by);
      }
      return id;
    },
  };
}

/** Returns a shard's share of the rate. With it, all shards end at about the same time. */
function shareOf(perMinute: number, planned: number, total: number): number {
  return total === 0 ? perMinute : (perMinute * planned) / total;
}

function newest(parts: readonly ReplayRecord[], limit: number): readonly ReplayRecord[] {
  const ids = [...new Set(parts.map(({ id }) => id))];
  const merged = ids.flatMap((id) => mergeReplays(parts.filter((one) => one.id === id)) ?? []);
  return merged.sort((one, other) => other.createdAt - one.createdAt).slice(0, limit);
}

function mergeChanges(changes: readonly (StateChange | undefined)[]): StateChange | undefined {
  const known = changes.filter((change) => change !== undefined);
  return known.find(({ changed }) => changed) ?? known[0];
}

/** States by precedence: a replay is paused if it is in any shard, and done if it is in all. */
const PRECEDENCE: readonly ReplayState[] = ['paused', 'running', 'cancelled', 'done'];

/** Merges the records of a replay in all shards; undefined if none has it. */
function mergeReplays(parts: readonly (ReplayRecord | undefined)[]): ReplayRecord | undefined {
  const known = parts.filter((part) => part !== undefined);
  const [first, ...others] = known;
  if (!first || others.length === 0) return first;
  const sum = (of: (part: ReplayRecord) => number) => known.reduce((total, part) => total + of(part), 0);
  const state = PRECEDENCE.find((candidate) => known.some((part) => part.state === candidate)) ?? first.state;
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
