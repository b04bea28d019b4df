import type { Job, RateLimiterOptions, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { EventData, Flow } from './event.ts';

export const QUEUE = 'deliveries';
export const PREFIX = '{sluice}';

/** Milliseconds; of BullMQ's lock on a job. */
export const LOCK_DURATION = 30_000;

/** What the enqueue says of one event. */
export interface Rank {
  /** BullMQ's: 0 goes first, in order; then 1, 2, … */
  readonly priority: number;
  readonly finish?: number;
}

export interface PacerContext {
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly worker: Worker<EventData>;
}

export interface Pacer {
  /**
   * Asks for a turn for the event that was just taken.
   *
   * @returns whether it may be sent now; if not, it has been put where it waits
   */
  admit(job: Job<EventData>, lock: string): Promise<boolean>;
}

/** One way to keep the limit of bots. */
export interface Variant {
  readonly title: string;
  /** BullMQ's own limit of the whole queue. */
  readonly limiter?: RateLimiterOptions;
  /** Ranks so many events of a flow that are about to be enqueued; without it all are alike. */
  readonly rank?: (redis: Redis, flow: Flow, count: number) => Promise<Rank[]>;
  /** In each worker process. Without it nothing is kept. */
  readonly openPacer?: (context: PacerContext) => Pacer;
}
