import { type Erasure, type ErasureRequest, eraseDeliveries } from './erase-deliveries.ts';
import { openReachableQueue, type ReachableQueue } from './reachable-queue.ts';
import { eachShard, type ShardedOptions } from './shards/each-shard.ts';

export interface Eraser {
  /** Removes what is concerned; never rejects, for what has been removed must be told. */
  erase(request: ErasureRequest): Promise<Erasure>;
  close(): Promise<void>;
}

/** Opens all shards for erasing. */
export function openEraser(options: ShardedOptions): Eraser {
  const { all, close } = eachShard(options, openReachableQueue);
  return {
    erase: async (request) => merge(await Promise.all(all().map((shard) => eraseIn(shard, request)))),
    close,
  };
}

async function eraseIn({ get, redis }: ReachableQueue, request: ErasureRequest): Promise<Erasure> {
  const queue = get();
  if (queue) return eraseDeliveries({ queue, redis }, request);
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
