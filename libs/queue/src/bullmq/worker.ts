import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { RedisConnection } from '../redis/connect.ts';
import { attachFailure, deliveryBackend } from './backend.ts';
import type { DeliveryBackend } from './delivery-backend.ts';
import { QUEUE_NAME, queueKeyPrefix } from './layout.ts';

/** A job that a worker has reserved. */
export interface WorkerJob {
  readonly id: string;
  /** The topic. */
  readonly name: string;
  readonly data: unknown;
  /** Proof that the reservation is still this worker's. */
  readonly lock: string;
  /** Counted attempts that ended before this reservation. */
  readonly attemptsMade: number;
  /** Times that a worker process died with the job. */
  readonly crashes: number;
  /** When it was reserved, in milliseconds since the epoch. */
  readonly reservedAt: number;
  /** W3C traceparent that it was enqueued with. */
  readonly trace?: string;
}

/** How a reservation ends. `note` describes the attempt and is stored in place of a stack trace. */
export type JobResolution =
  /** `remove`: nothing of the job is kept. */
  | { readonly kind: 'completed'; readonly result: object; readonly remove?: boolean }
  /** The attempt counts; the job runs again after `after` milliseconds. */
  | { readonly kind: 'retry'; readonly after: number; readonly reason: string; readonly note: string }
  /** `message` is stored as BullMQ's failed reason, `failure` in a field of the job. */
  | {
      readonly kind: 'failed';
      readonly message: string;
      readonly failure: string;
      readonly note: string;
    }
  /** The attempt does not count; the job runs again at `until`, in milliseconds since the epoch. */
  | { readonly kind: 'delayed'; readonly until: number }
  /** The job has been delayed already. */
  | { readonly kind: 'parked' }
  /** Another worker has the job; nothing is changed. */
  | { readonly kind: 'lost'; readonly reason: string };

export interface QueueWorkerOptions {
  /** A connection that waits for Redis; BullMQ duplicates it to wait for jobs. */
  readonly connection: RedisConnection;
  readonly prefix: string;
  readonly concurrency: number;
  /** Milliseconds. */
  readonly lockDuration: number;
  /** Milliseconds between two checks for jobs whose worker died. */
  readonly stalledInterval: number;
  /** Completed jobs that are kept. */
  readonly keepCompleted: number;
  /** Whether the status of created events is looked up later. */
  readonly awaitStatus: boolean;
  readonly process: (job: WorkerJob) => Promise<JobResolution>;
  readonly onError: (error: Error) => void;
}

export interface QueueWorker {
  readonly backend: DeliveryBackend;
  /** Prefix of the queue's keys. */
  readonly keyPrefix: string;
  isRunning(): boolean;
  /** Reserves no more jobs and resolves when those in flight have ended. */
  close(): Promise<void>;
}

/**
 * BullMQ's limit of crashes, which cannot distinguish a job that kills its process from its neighbours. `runIsolated`
 * can, and gives up after 5 crashes, far below this limit.
 */
const MAX_STALLS = 100;

/** Milliseconds before a retry after an error that `process` did not resolve: a bug must not spin. */
const UNEXPECTED_RETRY = 60_000;

/** Fails an attempt; BullMQ waits `after` milliseconds before the next one. */
class RetryError extends Error {
  readonly after: number;

  constructor(reason: string, after: number) {
    super(reason);
    this.after = after;
  }
}

/** Starts BullMQ's worker on the queue. */
export function openQueueWorker(options: QueueWorkerOptions): QueueWorker {
  const { connection, prefix, process } = options;
  const worker: Worker<unknown, unknown, string, DeliveryBackend> = new Worker(
    QUEUE_NAME,
    async (job: Job, lock = '') => resolveJob(job, lock, await process(toWorkerJob(job, lock))),
    {
      connection,
      prefix,
      concurrency: options.concurrency,
      lockDuration: options.lockDuration,
      stalledInterval: options.stalledInterval,
      maxStalledCount: MAX_STALLS,
      removeOnComplete: { count: options.keepCompleted },
      settings: { backoffStrategy: retryDelay },
    },
    deliveryBackend({ awaitStatus: options.awaitStatus }),
  );
  worker.on('error', options.onError);
  return {
    backend: worker.getBackend(),
    keyPrefix: queueKeyPrefix(prefix),
    isRunning: () => worker.isRunning() && connection.status === 'ready',
    close: () => worker.close(),
  };
}

function toWorkerJob(job: Job, lock: string): WorkerJob {
  const { trace } = job.opts as { readonly trace?: string };
  return {
    id: job.id ?? '',
    name: job.name,
    data: job.data,
    lock,
    attemptsMade: job.attemptsMade,
    crashes: job.stalledCounter,
    reservedAt: job.processedOn ?? Date.now(),
    ...(trace === undefined ? {} : { trace }),
  };
}

/** BullMQ's backoff strategy: the resolution states the delay. */
function retryDelay(_attempts: number, _type?: string, error?: Error): number {
  return error instanceof RetryError ? error.after : UNEXPECTED_RETRY;
}

/** Resolves a job in BullMQ's terms: returns a result, or throws what BullMQ reads as a retry or as a failure. */
async function resolveJob(job: Job, lock: string, resolution: JobResolution): Promise<object> {
  switch (resolution.kind) {
    case 'completed':
      // BullMQ reads this when it completes the job.
      if (resolution.remove) job.opts.removeOnComplete = true;
      return resolution.result;
    case 'retry':
      throw withStack(new RetryError(resolution.reason, resolution.after), resolution.note);
    case 'failed':
      attachFailure(job, resolution.failure);
      throw withStack(new UnrecoverableError(resolution.message), resolution.note);
    case 'delayed':
      await job.moveToDelayed(resolution.until, lock);
      throw new DelayedError();
    case 'parked':
      throw new DelayedError();
    case 'lost':
      // BullMQ rejects every change without the lock, so this is only the stated reason.
      throw withStack(new Error(resolution.reason), '');
  }
}

/** BullMQ stores the stack with the job; that of this file would cost 1 kB per dead letter. */
function withStack<T extends Error>(error: T, stack: string): T {
  error.stack = stack;
  return error;
}
