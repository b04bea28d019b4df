import { Enqueuer } from './enqueuer.ts';
import { openReachableQueue } from './reachable-queue.ts';

export interface ProducerOptions {
  readonly redisUrl: string;
  /** Of all keys, in braces, so that Redis Cluster keeps the queue's keys together. */
  readonly prefix: string;
  /** Milliseconds until an enqueue is given up. */
  readonly deadline: number;
  /** Deliveries and bytes that may be on their way to Redis; more are refused at once. */
  readonly maxPending: number;
  readonly maxPendingBytes: number;
  readonly onError: (error: Error) => void;
}

/** The side of the queue that ingest holds. */
export interface Producer {
  readonly enqueuer: Enqueuer;
  /** Whether an enqueue would be tried now. */
  isReady(): boolean;
  /** Resolves when Redis has been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/** Opens the queue for enqueueing; a Redis that is down makes enqueues fail, not wait. */
export function openProducer(options: ProducerOptions): Producer {
  const { redisUrl, prefix, onError } = options;
  const queue = openReachableQueue({ url: redisUrl, name: 'sluice-ingest', prefix, onError });
  return {
    enqueuer: new Enqueuer({ ...options, queue: queue.get }),
    reached: queue.reached,
    isReady: () => queue.get() !== undefined,
    close: queue.close,
  };
}
