import type { Delivery, DeliveryId, ErasurePredicate } from '@sluice/events';
import type { Removed } from '../bullmq/delivery-backend.ts';
import type { DeliveryQueue } from '../bullmq/open-queue.ts';
import { type Bodies, readBodies } from '../bullmq/read-bodies.ts';
import { deliveriesOf } from '../records/delivery.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { scanIds } from '../redis/scan-ids.ts';
import { acrossShards, type Shards } from '../sharding/across-shards.ts';
import type { Shard } from '../sharding/shard.ts';

export interface Eraser {
  /** Removes what is concerned; never rejects, for what has been removed must be told. */
  erase(request: ErasureRequest): Promise<Erasure>;
}

/** Returns what erases deliveries in all shards. */
export function createEraser(shards: Shards): Eraser {
  return { erase: (request) => acrossShards(shards, (shard) => eraseIn(shard, request), merge) };
}

async function eraseIn(shard: Shard, request: ErasureRequest): Promise<Erasure> {
  const context = shard.context();
  if (context) return eraseDeliveries(context, request);
  return { pending: 0, delivered: 0, dead: 0, inFlight: 0, interrupted: 'Redis has not been reached' };
}

function merge(parts: readonly Erasure[]): Erasure {
  const interrupted = parts.find((part) => part.interrupted !== undefined)?.interrupted;
  const of = (what: 'pending' | 'delivered' | 'dead' | 'inFlight') =>
    parts.reduce((total, part) => total + part[what], 0);
  return {
    pending: of('pending'),
    delivered: of('delivered'),
    dead: of('dead'),
    inFlight: of('inFlight'),
    ...(interrupted === undefined ? {} : { interrupted }),
  };
}

export interface ErasureRequest {
  /** Whether a delivery is to be erased; must be pure and fast, for it sees every stored delivery. */
  readonly concerns: ErasurePredicate;
  /** The delivery that asks for it, which is being worked on. */
  readonly request: DeliveryId;
}

/** What one pass over the queue came to. */
export interface Erasure {
  /** Removed, by what they were: still to be delivered, delivered and kept, dead or discarded. */
  readonly pending: number;
  readonly delivered: number;
  readonly dead: number;
  /** Concerned, but being worked on: they were left, and another pass has to look what became of them. */
  readonly inFlight: number;
  /** Set if the pass ended early: what the error said. */
  readonly interrupted?: string;
}

/** What is discarded is dead still, to whoever asks for its erasure. */
const COUNTED_AS = {
  pending: 'pending',
  delivered: 'delivered',
  dead: 'dead',
  discarded: 'dead',
  locked: 'inFlight',
} as const satisfies Record<Exclude<Removed, 'gone'>, keyof Erasure>;

/** Keys a round trip: some 100 deliveries of 8 kB, read and parsed in 10 ms, between which others get on. */
const PAGE = 200;

/**
 * Removes the stored deliveries that are concerned, whatever their state, with all that Redis keeps of them.
 * It may be run again at any time; what is gone is not counted twice.
 *
 * The deduplication key of a removed delivery is freed: its platform could have it stored anew by sending it
 * again. Platforms ask for erasure days after they gave up sending.
 */
export async function eraseDeliveries(
  { queue, redis }: { readonly queue: DeliveryQueue; readonly redis: RedisConnection },
  { concerns, request }: ErasureRequest,
): Promise<Erasure> {
  const erasure = { pending: 0, delivered: 0, dead: 0, inFlight: 0 };
  const backend = queue.getBackend();
  try {
    for await (const ids of scanIds(redis, queue.toKey(''), PAGE)) {
      const readings = await readBodies({ redis, keyPrefix: queue.toKey('') }, ids);
      const concerned = readings.filter(
        (bodies) => bodies.id !== request && textsOf(bodies).some((delivery) => concerns(delivery)),
      );
      for (const removed of await Promise.all(concerned.map(({ id }) => backend.removeAs(id, 'erased')))) {
        if (removed !== 'gone') erasure[COUNTED_AS[removed]]++;
      }
    }
    return erasure;
  } catch (error) {
    return { ...erasure, interrupted: error instanceof Error ? error.message : String(error) };
  }
}

/** What an edit has taken out of a delivery is still kept with it. */
function textsOf(bodies: Bodies): readonly Delivery[] {
  return deliveriesOf(bodies.original ? [bodies, bodies.original] : [bodies]);
}
