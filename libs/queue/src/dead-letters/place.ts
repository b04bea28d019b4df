import type { Redis } from 'ioredis';

/** Where dead letters are kept. */
export interface Place {
  readonly redis: Redis;
  /** What all keys begin with. */
  readonly base: string;
  /** What the queue's keys begin with. */
  readonly keyPrefix: string;
}

/** The sorted set of those that an operator has discarded, by when that was. */
export const discardedKey = (base: string): string => `${base}discarded`;
