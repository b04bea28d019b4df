import { z } from 'zod';
import type { RedisConnection } from '../connect-redis.ts';
import { replayCountsKey, replayKey, runningReplaysKey } from './replay-keys.ts';
import { outstandingOf, type ReplayState, readReplayRecord } from './replay-record.ts';

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
