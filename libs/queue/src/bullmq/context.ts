import type { RedisConnection } from '../redis/connect.ts';
import type { DeliveryBackend } from './delivery-backend.ts';

/** Where dead letters are kept. */
export interface QueueContext {
  readonly redis: RedisConnection;
  /** What all keys begin with. */
  readonly base: string;
  /** What the queue's keys begin with. */
  readonly keyPrefix: string;
}

/** The sorted set of those that an operator has discarded, by when that was. */
export const discardedKey = (base: string): string => `${base}discarded`;

/** Where dead letters are moved. */
export type TransitionContext = QueueContext & {
  readonly backend: Pick<DeliveryBackend, 'transition'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};
