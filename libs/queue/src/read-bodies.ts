import type { Redis } from 'ioredis';
import { type Reading, readDelivery } from './delivery-job.ts';

/**
 * Reads deliveries with their bodies, in one round trip; nothing of what is gone meanwhile.
 *
 * @param place its `keyPrefix` is what the queue's keys begin with
 */
export async function readBodies(
  { redis, keyPrefix }: { readonly redis: Redis; readonly keyPrefix: string },
  ids: readonly string[],
): Promise<readonly (Reading & { readonly id: string })[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hget(`${keyPrefix}${id}`, 'data');
  const answers = (await pipeline.exec()) ?? [];
  return ids.flatMap((id, index) => {
    const [error, data] = answers[index] ?? [];
    if (error) throw error;
    return typeof data === 'string' ? [{ id, ...readDelivery(id, JSON.parse(data)) }] : [];
  });
}
