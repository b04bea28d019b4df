import type { Redis } from 'ioredis';
import { BUCKET, bucketOf, jobOf } from './bucket.ts';
import type { Flow } from './event.ts';
import { PREFIX, type Rank, type Variant } from './variant.ts';

/** BullMQ keeps priorities in 21 bits. */
const MAX_PRIORITY = 2 ** 21 - 1;

/** KEYS: virtual times of the bot · ARGV: connection, how many, share · returns virtual time, first start */
const TAG = `
  local now = tonumber(redis.call('HGET', KEYS[1], 'now')) or 0
  local last = tonumber(redis.call('HGET', KEYS[1], ARGV[1])) or 0
  local start = math.max(now, last)
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.6f', start + ARGV[2] / ARGV[3]))
  return { tostring(now), tostring(start) }`;

/**
 * KEYS: bucket, job, virtual times · ARGV: events a minute, finish time, share · returns 0: now; n < 0: in
 * -n ms. Who gets no turn comes back when it would be served if nobody else were there, so never too late;
 * who is further ahead than two turns gets none, or the first pass of a dump would hand them out to anyone.
 */
const TAKE = `
  local function bucket() ${BUCKET} end
  local now = tonumber(redis.call('HGET', KEYS[3], 'now')) or 0
  local finish = tonumber(ARGV[2])
  local interval = 60000 / (ARGV[1] * 0.95)
  local before = math.ceil(math.max(0, (finish - now) * ARGV[3] - 1) * interval)
  if before > math.max(interval, 50) then return -before end
  ARGV[2] = 0
  local wait = bucket()
  if wait < 0 then return wait - before end
  if finish > now then redis.call('HSET', KEYS[3], 'now', finish) end
  return 0`;

interface WithFinishTimes extends Redis {
  tagEvents(times: string, connection: string, count: number, share: number): Promise<[string, string]>;
  takeTurn(
    ...args: [bucket: string, job: string, times: string, ...rest: (string | number)[]]
  ): Promise<number>;
}

/** Weighted fair queueing by numbers: each event has its virtual finish time, priorities go by the distance. */
export const finishTimes: Variant = {
  title: 'virtual finish times as priorities',
  rank,
  openPacer({ redis }) {
    redis.defineCommand('takeTurn', { numberOfKeys: 3, lua: TAKE });
    return {
      async admit(job, lock) {
        const { bot, eventsPerMinute, share, finish = 0 } = job.data;
        const keys = [bucketOf(bot), jobOf(job.id ?? ''), timesOf(bot)] as const;
        const wait = await (redis as WithFinishTimes).takeTurn(...keys, ...[eventsPerMinute, finish, share]);
        if (wait === 0) return true;
        await job.moveToDelayed(Date.now() - wait, lock);
        return false;
      },
    };
  },
};

async function rank(redis: Redis, { bot, connection, share }: Flow, count: number): Promise<Rank[]> {
  redis.defineCommand('tagEvents', { numberOfKeys: 1, lua: TAG });
  const tags = await (redis as WithFinishTimes).tagEvents(timesOf(bot), connection, count, share);
  const [now, start] = tags.map(Number) as [number, number];
  return Array.from({ length: count }, (_, index) => {
    const finish = start + (index + 1) / share;
    return { finish, priority: Math.min(MAX_PRIORITY, Math.max(1, Math.ceil(finish - now))) };
  });
}

const timesOf = (bot: string) => `${PREFIX}:times:${bot}`;
