import type { RedisConnectionOptions } from './connect-redis.ts';
import { type Erasure, type ErasureRequest, eraseDeliveries } from './erase-deliveries.ts';
import { openReachableQueue } from './reachable-queue.ts';

export interface Eraser {
  /** Removes what is concerned; never rejects, for what has been removed must be told. */
  erase(request: ErasureRequest): Promise<Erasure>;
  close(): Promise<void>;
}

/** Opens the queue for erasing. */
export function openEraser(options: RedisConnectionOptions & { readonly prefix: string }): Eraser {
  const { get, redis, close } = openReachableQueue(options);
  return {
    erase: async (request) => {
      const queue = get();
      if (queue) return eraseDeliveries({ queue, redis }, request);
      return { pending: 0, delivered: 0, dead: 0, inFlight: 0, interrupted: 'Redis has not been reached' };
    },
    close,
  };
}
