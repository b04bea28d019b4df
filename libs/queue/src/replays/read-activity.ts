import type { Redis } from 'ioredis';
import { z } from 'zod';
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
  readonly redis: Redis;
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
