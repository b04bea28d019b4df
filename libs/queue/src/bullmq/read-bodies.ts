import { type Reading, readDelivery } from '../records/delivery.ts';
import type { RedisConnection } from '../redis/connect.ts';

/** A delivery as it stands, and as it was before an operator edited it, if one has. */
export type Bodies = Reading & { readonly id: string; readonly original?: Reading };

/** Job data as Redis has them, unread. */
interface StoredTexts {
  readonly id: string;
  readonly data: string;
  readonly original: string | undefined;
}

type Place = { readonly redis: RedisConnection; readonly keyPrefix: string };

/**
 * Reads deliveries with their bodies, in one round trip; nothing of what is gone meanwhile.
 *
 * @param place its `keyPrefix` is what the queue's keys begin with
 */
export async function readBodies(place: Place, ids: readonly string[]): Promise<readonly Bodies[]> {
  return (await readStored(place, ids)).map(({ id, data, original }) => {
    const reading = { id, ...readDelivery(id, JSON.parse(data)) };
    return original === undefined
      ? reading
      : { ...reading, original: readDelivery(id, JSON.parse(original)) };
  });
}

/** The same as texts. */
export async function readStored(
  { redis, keyPrefix }: Place,
  ids: readonly string[],
): Promise<readonly StoredTexts[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(`${keyPrefix}${id}`, 'data', 'sl:original');
  const answers = (await pipeline.exec()) ?? [];
  return ids.flatMap((id, index) => {
    const [error, fields] = answers[index] ?? [];
    if (error) throw error;
    const [data, original] = fields as readonly (string | null)[];
    return typeof data === 'string' ? [{ id, data, original: original ?? undefined }] : [];
  });
}
