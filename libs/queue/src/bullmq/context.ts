import { OWN_KEYS } from '../keys.ts';
import type { RedisConnection } from '../redis/connect.ts';
import type { DeliveryBackend } from './delivery-backend.ts';

/** The Redis and the keys of a queue. */
export interface QueueContext {
  readonly redis: RedisConnection;
  /** Prefix of Sluice's keys, with the colon. */
  readonly base: string;
  /** Prefix of the queue's keys, with the colon. */
  readonly keyPrefix: string;
}

/** Returns the key of the discarded dead letters, a sorted set by when they were discarded. */
export const discardedKey = (base: string): string => base + OWN_KEYS.discarded;

/** What a transition of dead letters needs. */
export type TransitionContext = QueueContext & {
  readonly backend: Pick<DeliveryBackend, 'transition'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};
