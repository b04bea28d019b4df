import type { QueueContents } from '@sluice/testing';
import type { Redis } from 'ioredis';

const key = (part: string) => `{sluice}:deliveries:${part}`;

const LISTS = ['wait', 'active', 'paused'] as const;
const SETS = ['prioritized', 'delayed'] as const;

/** Reads the deliveries left in the queue, in one transaction. */
export async function readQueueContents(redis: Redis): Promise<QueueContents> {
  const reading = redis.multi();
  for (const name of LISTS) reading.lrange(key(name), 0, -1);
  for (const name of SETS) reading.zrange(key(name), '0', '-1');
  reading.zrange(key('failed'), '0', '-1');
  const results = (await reading.exec()) ?? [];
  const ids = results.map(([error, list]) => {
    if (error) throw error;
    // Old versions of BullMQ add a marker to the waiting deliveries.
    return (list as string[]).filter((id) => id.startsWith('dlv_'));
  });
  return { dead: new Set(ids.pop()), pending: new Set(ids.flat()) };
}

/** Reads the reason of each dead letter by delivery id: Sluice's reason, or BullMQ's message. */
export async function readDead(redis: Redis): Promise<Map<string, string>> {
  const ids = await redis.zrange(key('failed'), '0', '-1');
  return new Map(
    await Promise.all(
      ids.map(async (id): Promise<[string, string]> => {
        const [failure, failedReason] = await redis.hmget(key(id), 'sl:failure', 'failedReason');
        return [id, /^\{"reason":"(\w+)"/.exec(failure ?? '')?.[1] ?? failedReason ?? ''];
      }),
    ),
  );
}

/** Counts deliveries that wait, are in flight or will be retried. */
async function countPending(redis: Redis): Promise<number> {
  const counting = redis.multi();
  for (const name of LISTS) counting.llen(key(name));
  for (const name of SETS) counting.zcard(key(name));
  const results = (await counting.exec()) ?? [];
  return results.reduce((sum, [error, count]) => {
    if (error) throw error;
    return sum + Number(count);
  }, 0);
}

/**
 * Waits until nothing is pending. Reads the counts after each event of BullMQ.
 *
 * @returns whether the queue was drained within that many milliseconds
 */
export async function waitUntilDrained(redis: Redis, within: number): Promise<boolean> {
  const deadline = Date.now() + within;
  for (;;) {
    const last = (await redis.xrevrange(key('events'), '+', '-', 'COUNT', 1))[0]?.[0] ?? '0-0';
    if ((await countPending(redis)) === 0) return true;
    const left = deadline - Date.now();
    if (left <= 0) return false;
    await redis.xread('BLOCK', Math.min(left, 1_000), 'STREAMS', key('events'), last);
  }
}
