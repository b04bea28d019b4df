import { uuidV7 } from '@sluice/events';
import type { RedisConnectionOptions } from '../connect-redis.ts';
import type { DeadLetterFilter } from '../dead-letters/filter-schema.ts';
import type { Operator } from '../gate/gate.ts';
import { openReachableQueue } from '../reachable-queue.ts';
import { planReplay, type ReplayPlan } from './plan-replay.ts';
import type { ReplayRequest } from './replay-record.ts';
import { ReplayStore } from './replay-store.ts';

/** What an operator may do with replays; the work is done by the workers. */
export interface Replays extends Pick<ReplayStore, 'get' | 'list' | 'pause' | 'resume' | 'cancel'> {
  /** Resolves when Redis has been reached; never rejects. What is asked before fails. */
  readonly reached: Promise<void>;
  plan(filter: DeadLetterFilter): Promise<ReplayPlan>;
  /** Lets a replay run. Returns its id. */
  run(request: ReplayRequest, by: Operator): Promise<string>;
  close(): Promise<void>;
}

/** Opens the replays; a Redis that is down makes what is asked fail, not wait. */
export function openReplays(options: RedisConnectionOptions & { readonly prefix: string }): Replays {
  const { getOrThrow, redis, reached, close } = openReachableQueue(options);
  const base = `${options.prefix}:`;
  const store = new ReplayStore(redis, options.prefix, Date.now);
  const plan = async (filter: DeadLetterFilter) =>
    planReplay({ redis, base, keyPrefix: getOrThrow().toKey('') }, filter);
  return Object.assign(store, {
    reached,
    close,
    plan,
    async run(request: ReplayRequest, by: Operator) {
      const id = `rpl_${uuidV7(Date.now())}`;
      const { count } = await plan(request.filter);
      await store.create({ ...request, id, planned: count }, by);
      return id;
    },
  });
}
