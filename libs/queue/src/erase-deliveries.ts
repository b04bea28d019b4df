import type { Concerns, Delivery, DeliveryId } from '@sluice/events';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { readDelivery } from './delivery-job.ts';

export interface ErasureRequest {
  /** Whether a delivery is to be erased; must be pure and fast, for it sees every stored delivery. */
  readonly concerns: Concerns;
  /** The delivery that asks for it, which is being worked on. */
  readonly request: DeliveryId;
}

/** What one pass over the queue came to. */
export interface Erasure {
  /** Removed, by what they were: still to be delivered, delivered and kept, dead. */
  readonly pending: number;
  readonly delivered: number;
  readonly dead: number;
  /** Concerned, but being worked on: they were left, and another pass has to look what became of them. */
  readonly inFlight: number;
  /** Set if the pass ended early: what the error said. */
  readonly interrupted?: string;
}

type Fate = 'pending' | 'delivered' | 'dead';

interface Found {
  readonly delivery: Delivery;
  readonly fate: Fate;
}

/** Keys a round trip: some 100 deliveries of 8 kB, read and parsed in 10 ms, between which others get on. */
const PAGE = 200;

/**
 * Removes the stored deliveries that are concerned, whatever their state, with all that Redis keeps of them.
 *
 * It goes by the keys and not by the states: SCAN returns every key that is there from its beginning to its
 * end, while a delivery that changes its state (delayed, waiting, active, delayed again) could slip by a
 * walk from state to state. It may be run again at any time; what is gone is not counted twice.
 *
 * The deduplication key of a removed delivery is freed: its platform could have it stored anew by sending it
 * again. Platforms ask for erasure days after they gave up sending.
 */
export async function eraseDeliveries(
  { queue, redis }: { readonly queue: Queue; readonly redis: Redis },
  { concerns, request }: ErasureRequest,
): Promise<Erasure> {
  const erasure = { pending: 0, delivered: 0, dead: 0, inFlight: 0 };
  try {
    for await (const ids of pagesOfIds(queue, redis)) {
      const found = await readPage(queue, redis, ids);
      const concerned = found.filter(({ delivery }) => delivery.id !== request && concerns(delivery));
      const removals = await Promise.all(concerned.map(({ delivery }) => queue.remove(delivery.id)));
      concerned.forEach(({ fate }, index) => {
        // BullMQ refuses to remove what is locked: a worker has it.
        erasure[removals[index] === 1 ? fate : 'inFlight']++;
      });
    }
    return erasure;
  } catch (error) {
    return { ...erasure, interrupted: error instanceof Error ? error.message : String(error) };
  }
}

async function* pagesOfIds(queue: Queue, redis: Redis): AsyncGenerator<readonly string[]> {
  const prefix = queue.toKey('');
  // The braces of our prefix mean nothing to Redis' patterns; what does is a user's own.
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}dlv_*`;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', PAGE);
    cursor = next;
    const ids = keys.map((key) => key.slice(prefix.length));
    // `<id>:lock` and the like are no deliveries. SCAN may return a key twice.
    const unique = [...new Set(ids.filter((id) => !id.includes(':')))];
    if (unique.length > 0) yield unique;
  } while (cursor !== '0');
}

async function readPage(queue: Queue, redis: Redis, ids: readonly string[]): Promise<Found[]> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(queue.toKey(id), 'data', 'finishedOn', 'failedReason');
  const answers = (await pipeline.exec()) ?? [];
  return ids.flatMap((id, index) => {
    const [error, fields] = answers[index] ?? [];
    if (error) throw error;
    const [data, finishedOn, failedReason] = (fields ?? []) as (string | null)[];
    const reading = data ? readDelivery(id, JSON.parse(data)) : undefined;
    if (!reading?.ok) return [];
    // A retried one has a failedReason too, but it has not finished.
    const fate = finishedOn == null ? 'pending' : failedReason == null ? 'delivered' : 'dead';
    return [{ delivery: reading.delivery, fate }];
  });
}
