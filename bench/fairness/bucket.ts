import type { Redis } from 'ioredis';
import type { Flow } from './event.ts';
import { PREFIX, QUEUE } from './variant.ts';

/**
 * The token bucket of a bot, one for all workers: 5 % of the limit at once and the rest evenly, so that no
 * minute has more than the limit. It can hand out turns that are yet to come; who has one is on the job.
 *
 * KEYS: bucket, job · ARGV: events a minute, how far ahead a turn may lie in ms · returns 0: now; n > 0: a
 * turn is reserved, in n ms; n < 0: none so soon, the next free one is in -n ms
 */
export const BUCKET = `
  if redis.call('HDEL', KEYS[2], 'turn') == 1 then return 0 end
  local time = redis.call('TIME')
  local now = time[1] * 1000 + time[2] / 1000
  local limit = tonumber(ARGV[1])
  local capacity = math.max(1, math.floor(limit * 0.05))
  local interval = 60000 / (limit * 0.95)
  local full = math.max(now, tonumber(redis.call('GET', KEYS[1])) or 0)
  local wait = math.ceil(full - (capacity - 1) * interval - now)
  if wait > tonumber(ARGV[2]) then return -wait end
  redis.call('SET', KEYS[1], string.format('%.3f', full + interval), 'PX', 86400000)
  if wait <= 0 then return 0 end
  redis.call('HSET', KEYS[2], 'turn', 1)
  return wait`;

interface WithBucket extends Redis {
  takeToken(bucket: string, job: string, eventsPerMinute: number, within: number): Promise<number>;
}

/** Teaches the connection the bucket's script. @returns what `BUCKET` returns, for a job of a flow */
export function openBucket(redis: Redis): (flow: Flow, jobId: string, within: number) => Promise<number> {
  redis.defineCommand('takeToken', { numberOfKeys: 2, lua: BUCKET });
  return ({ bot, eventsPerMinute }, jobId, within) =>
    (redis as WithBucket).takeToken(bucketOf(bot), jobOf(jobId), eventsPerMinute, within);
}

export const bucketOf = (bot: string) => `${PREFIX}:bucket:${bot}`;
export const jobOf = (jobId: string) => `${PREFIX}:${QUEUE}:${jobId}`;
