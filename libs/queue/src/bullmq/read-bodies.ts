import { type Reading, readDelivery } from '../records/delivery.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { DELIVERY_FIELDS, JOB_FIELDS, jobKey } from './layout.ts';

/** A delivery with its current body, and with its original body if an operator edited it. */
export type Bodies = Reading & { readonly id: string; readonly original?: Reading };

/** Job data as stored, not parsed. */
interface StoredTexts {
  readonly id: string;
  readonly data: string;
  readonly original: string | undefined;
}

type Context = { readonly redis: RedisConnection; readonly keyPrefix: string };

/** Reads deliveries with their bodies, in one round trip. Deliveries that no longer exist are left out. */
export async function readBodies(context: Context, ids: readonly string[]): Promise<readonly Bodies[]> {
  return (await readStored(context, ids)).map(({ id, data, original }) => {
    const reading = { id, ...readDelivery(id, JSON.parse(data)) };
    return original === undefined
      ? reading
      : { ...reading, original: readDelivery(id, JSON.parse(original)) };
  });
}

/** Reads the same without parsing. */
export async function readStored(
  { redis, keyPrefix }: Context,
  ids: readonly string[],
): Promise<readonly StoredTexts[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(jobKey(keyPrefix, id), JOB_FIELDS.data, DELIVERY_FIELDS.original);
  const replies = (await pipeline.exec()) ?? [];
  return ids.flatMap((id, index) => {
    const [error, fields] = replies[index] ?? [];
    if (error) throw error;
    const [data, original] = fields as readonly (string | null)[];
    return typeof data === 'string' ? [{ id, data, original: original ?? undefined }] : [];
  });
}
