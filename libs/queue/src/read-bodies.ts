import type { Redis } from 'ioredis';
import { type Reading, readDelivery } from './delivery-job.ts';

/** A delivery as it stands, and as it was before an operator edited it, if one has. */
export type Bodies = Reading & { readonly id: string; readonly original?: Reading };

/**
 * Reads deliveries with their bodies, in one round trip; nothing of what is gone meanwhile.
 *
 * @param place its `keyPrefix` is what the queue's keys begin with
 */
export async function readBodies(
  { redis, keyPrefix }: { readonly redis: Redis; readonly keyPrefix: string },
  ids: readonly string[],
): Promise<readonly Bodies[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(`${keyPrefix}${id}`, 'data', 'sl:original');
  const answers = (await pipeline.exec()) ?? [];
  return ids.flatMap((id, index) => {
    const [error, fields] = answers[index] ?? [];
    if (error) throw error;
    const [data, original] = fields as readonly (string | null)[];
    if (typeof data !== 'string') return [];
    const reading = { id, ...readDelivery(id, JSON.parse(data)) };
    return [
      typeof original === 'string'
        ? { ...reading, original: readDelivery(id, JSON.parse(original)) }
        : reading,
    ];
  });
}
