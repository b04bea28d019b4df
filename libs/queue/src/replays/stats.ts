import { z } from 'zod';
import { allReplaysKey, OWN_KEYS, replayCountsKey, replayKey, runningReplaysKey } from '../keys.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { luaScript, runScript } from '../redis/scripts.ts';
import { outstandingOf, type ReplayState, readReplayRecord } from './record.ts';

/** Activity of replays. */
export interface ReplayActivity {
  /** How often replays have reached each state: one that was paused and resumed reached `running` twice. */
  readonly came: Readonly<Record<ReplayState, number>>;
  /** Dead letters of running replays: not requeued yet, outstanding, delivered, dead again. */
  readonly now: Readonly<Record<'waiting' | 'on_their_way' | 'delivered' | 'died', number>>;
}

const number = z.coerce.number().default(0);
const counts = z.object({ running: number, paused: number, done: number, cancelled: number });

/** Reads the activity, in one round trip and another for running replays. */
export async function readReplayActivity({
  redis,
  base,
}: {
  readonly redis: RedisConnection;
  readonly base: string;
}): Promise<ReplayActivity> {
  const [came, running] = await Promise.all([
    redis.hgetall(replayCountsKey(base)),
    redis.smembers(runningReplaysKey(base)),
  ]);
  const records = await Promise.all(
    running.map(async (id) => readReplayRecord(id, await redis.hgetall(replayKey(base, id)))),
  );
  const now = { waiting: 0, on_their_way: 0, delivered: 0, died: 0 };
  for (const replay of records) {
    if (!replay) continue;
    now.waiting += Math.max(0, replay.planned - replay.replayed);
    now.on_their_way += outstandingOf(replay);
    now.delivered += replay.delivered;
    now.died += replay.died;
  }
  return { came: counts.parse(came), now };
}

/** Adds up the activity of all shards. A replay in several shards reaches its states in each of them. */
export function mergeActivity(parts: readonly ReplayActivity[]): ReplayActivity {
  const [first, ...others] = parts;
  if (!first) throw new Error('No shard is open.');
  return others.reduce(
    (sum, part) => ({ came: add(sum.came, part.came), now: add(sum.now, part.now) }),
    first,
  );
}

function add<Of extends string>(
  one: Readonly<Record<Of, number>>,
  other: Readonly<Record<Of, number>>,
): Record<Of, number> {
  const sums = (Object.keys(one) as Of[]).map((of) => [of, one[of] + other[of]]);
  return Object.fromEntries(sums) as Record<Of, number>;
}

/** Numbers of replays that have not ended. */
export type OpenReplays = Readonly<Record<Extract<ReplayState, 'running' | 'paused'>, number>>;

const COUNT_OPEN = luaScript(import.meta.url, './lua/count-open.lua', { keys: 2 });

/** Counts open replays. A thousand replays are kept, for which Redis takes half a millisecond. */
export async function countOpenReplays(redis: RedisConnection, base: string): Promise<OpenReplays> {
  const reply = await runScript(redis, COUNT_OPEN, allReplaysKey(base), base + OWN_KEYS.replay);
  const [running = 0, paused = 0] = reply as readonly number[];
  return { running, paused };
}
