import { z } from 'zod';
import { allReplaysKey, replayCountsKey, replayKey, runningReplaysKey } from '../keys.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { outstandingOf, type ReplayState, readReplayRecord } from './record.ts';

/** What replays do and have done. */
export interface ReplayActivity {
  /** How many have come to each state, ever: one that was paused and resumed came to `running` twice. */
  readonly came: Readonly<Record<ReplayState, number>>;
  /** Of those that run now: dead letters still to be put back, on their way, delivered, dead again. */
  readonly now: Readonly<Record<'waiting' | 'on_their_way' | 'delivered' | 'died', number>>;
}

const number = z.coerce.number().default(0);
const counts = z.object({ running: number, paused: number, done: number, cancelled: number });

/** Reads it, in a round trip and one more for those that run. */
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

/** Adds up what replays do and have done in each shard; one that is of several came to its states in each of them. */
export function mergeActivity(parts: readonly ReplayActivity[]): ReplayActivity {
  const [first, ...others] = parts;
  if (!first) throw new Error('there is no shard');
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

/** Replays that have not come to an end. */
export type OpenReplays = Readonly<Record<Extract<ReplayState, 'running' | 'paused'>, number>>;

/** Lua: how many of the replays that are remembered run, and are paused. KEYS: all replays, what their keys begin with. */
const COUNT = `
local running, paused = 0, 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local state = redis.call('HGET', KEYS[2] .. id, 'state')
  if state == 'running' then running = running + 1 elseif state == 'paused' then paused = paused + 1 end
end
return {running, paused}
`;

/** Counts them; a thousand are remembered, which costs Redis half a millisecond. */
export async function countOpenReplays(redis: RedisConnection, base: string): Promise<OpenReplays> {
  const reply = await redis.eval(COUNT, 2, allReplaysKey(base), `${base}replay:`);
  const [running = 0, paused = 0] = reply as readonly number[];
  return { running, paused };
}
