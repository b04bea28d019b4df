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
  /** Removes the deliveries that `request.concerns` selects; never rejects, so that the removals are always reported. */
  erase(request: ErasureRequest): Promise<Erasure>;
}

/** Returns the eraser of all shards. */
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
  const sum = (counter: 'pending' | 'delivered' | 'dead' | 'inFlight') =>
    parts.reduce((total, part) => total + part[counter], 0);
  return {
    pending: sum('pending'),
    delivered: sum('delivered'),
    dead: sum('dead'),
    inFlight: sum('inFlight'),
    ...(interrupted === undefined ? {} : { interrupted }),
  };
}

export interface ErasureRequest {
  /** Selects the deliveries to erase; must be pure and fast, since it is called with every stored delivery. */
  readonly concerns: ErasurePredicate;
  /** The delivery that requests the erasure, which is in progress. */
  readonly request: DeliveryId;
}

/** The result of one pass over the queue. */
export interface Erasure {
  /** Removed deliveries by their former state. Discarded ones count as `dead`. */
  readonly pending: number;
  readonly delivered: number;
  readonly dead: number;
  /** Selected deliveries that were kept because a worker has them. Another pass has to check them. */
  readonly inFlight: number;
  /** The message of the error that ended the pass early. */
  readonly interrupted?: string;
}

const COUNTED_AS = {
  pending: 'pending',
  delivered: 'delivered',
  dead: 'dead',
  discarded: 'dead',
  locked: 'inFlight',
} as const satisfies Record<Exclude<Removed, 'gone'>, keyof Erasure>;

/** Keys per round trip: about 100 deliveries of 8 kB, read and parsed in 10 ms. Other commands run in between. */
const PAGE = 200;

/**
 * Removes the selected deliveries in any state, with everything that Redis keeps of them. It can run again at any time:
 * a removed delivery is not counted twice.
 *
 * The deduplication key of a removed delivery is removed too, so a resend by its platform would be stored. Platforms
 * request erasure days after they stop resending.
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
      const selected = readings.filter(
        (bodies) => bodies.id !== request && versionsOf(bodies).some((delivery) => concerns(delivery)),
      );
      for (const removed of await Promise.all(selected.map(({ id }) => backend.removeAs(id, 'erased')))) {
        if (removed !== 'gone') erasure[COUNTED_AS[removed]]++;
      }
    }
    return erasure;
  } catch (error) {
    return { ...erasure, interrupted: error instanceof Error ? error.message : String(error) };
  }
}

/** Returns the delivery and, if an operator edited it, its original, which is stored with it. */
function versionsOf(bodies: Bodies): readonly Delivery[] {
  return deliveriesOf(bodies.original ? [bodies, bodies.original] : [bodies]);
}
