import { randomUUID } from 'node:crypto';
import { DelayedError, type Job, Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { deliveryBackend } from '../../bullmq/backend.ts';
import type { DeliveryBackend } from '../../bullmq/delivery-backend.ts';
import { JOB_OPTIONS, QUEUE_NAME } from '../../bullmq/layout.ts';
import { schedulerBase } from '../../keys.ts';
import type { ConnectionQueue, WorkspaceWindow } from '../../records/outcome.ts';
import { Dispatcher } from '../dispatcher.ts';
import { park } from '../park.ts';
import { RedisScheduler } from '../scheduler.ts';
import type { Permit, PermitRequest } from '../types.ts';
import { age } from './age.ts';

export const PREFIX = '{sluice}';

/** Milliseconds. */
export interface RigOptions {
  readonly probeAfter?: number;
  readonly lockDuration?: number;
}

/** An event that was sent. */
export interface Sent {
  readonly id: string;
  readonly connection: string;
  /** By Redis' clock, in milliseconds since the epoch. */
  readonly at: number;
}

/** A delivery that a worker has reserved. */
export interface Reserved {
  readonly job: Job<ConnectionQueue>;
  readonly lock: string;
  readonly id: string;
  readonly backend: DeliveryBackend;
}

export type RigWorker = Worker<ConnectionQueue, unknown, string, DeliveryBackend>;

/** Queue, scheduler and workers on one Redis, as an app has them. The data of a job is its connection's queue. */
export class SchedulerRig {
  readonly redis: Redis;
  readonly scheduler: RedisScheduler;
  readonly queue: Queue<ConnectionQueue>;
  readonly sent: Sent[] = [];
  readonly #url: string;
  readonly #lockDuration: number;
  readonly #closing: (() => Promise<void>)[] = [];

  constructor(url: string, { probeAfter = 30_000, lockDuration = 60_000 }: RigOptions = {}) {
    this.#url = url;
    this.#lockDuration = lockDuration;
    this.redis = new Redis(url, { maxRetriesPerRequest: null });
    this.redis.on('error', () => {});
    this.scheduler = new RedisScheduler(this.redis, { prefix: PREFIX, probeAfter, lockDuration });
    this.queue = new Queue(QUEUE_NAME, { connection: this.redis, prefix: PREFIX });
    this.queue.on('error', () => {});
  }

  /** Enqueues deliveries of a connection. Returns their ids. */
  async enqueue(queue: ConnectionQueue, count = 1): Promise<string[]> {
    const ids = Array.from({ length: count }, () => `dlv_${randomUUID()}`);
    for (let start = 0; start < count; start += 500) {
      await this.queue.addBulk(
        ids.slice(start, start + 500).map((jobId) => ({
          name: 'orders/create',
          data: queue,
          opts: { ...JOB_OPTIONS, jobId, priority: 10, removeOnComplete: false },
        })),
      );
    }
    return ids;
  }

  /** Opens a worker that reserves deliveries only through `reserve`, for `park` and `dispatch`. */
  async openWorker(): Promise<RigWorker> {
    const options = { ...this.#options(), autorun: false };
    const worker: RigWorker = new Worker(QUEUE_NAME, null, options, deliveryBackend());
    return this.#keep(worker);
  }

  /** Reserves the next waiting delivery, if there is one. */
  async reserve(worker: RigWorker): Promise<Reserved | undefined> {
    const lock = randomUUID();
    const job = await worker.getNextJob(lock, { block: false });
    return job && { job, lock, id: job.id ?? '', backend: worker.getBackend() };
  }

  /** Reserves the next delivery, which must exist, and asks for its permit. */
  async acquire(
    worker: RigWorker,
    more: Partial<PermitRequest> = {},
  ): Promise<Reserved & { permit: Permit }> {
    const reserved = await this.reserve(worker);
    if (!reserved) throw new Error('No delivery waits.');
    const { job, lock, id } = reserved;
    const permit = await this.scheduler.acquire({ ...job.data, deliveryId: id, lock, ...more });
    return { ...reserved, permit };
  }

  /** Parks a delivery that was denied a permit, as the app does. */
  async wait({ job, lock, id, backend, permit }: Reserved & { permit: Permit }): Promise<void> {
    if (permit.kind !== 'paced' && permit.kind !== 'held') throw new Error(`The permit is ${permit.kind}.`);
    await park(backend, { ...job.data, deliveryId: id, lock, until: permit.until });
  }

  /** Reserves the next delivery, which must be denied a permit, and parks it. Returns its id. */
  async park(worker: RigWorker): Promise<string> {
    const denied = await this.acquire(worker);
    await this.wait(denied);
    return denied.id;
  }

  /** Advances the scheduler's time. */
  age(ms: number): Promise<void> {
    return age(this.redis, PREFIX, ms);
  }

  /** Returns one of the scheduler's keys. */
  key(name: string): string {
    return schedulerBase(PREFIX) + name;
  }

  /**
   * Starts a worker that asks for a permit for each delivery and sends its event, and a dispatcher.
   *
   * @param send sends the event; by default it creates one
   */
  async startWorker(
    options: {
      concurrency?: number;
      send?: (job: Job<ConnectionQueue>) => Promise<unknown>;
      dispatcher?: boolean;
    } = {},
  ): Promise<RigWorker> {
    const scheduler = this.openScheduler();
    const worker: RigWorker = new Worker(
      QUEUE_NAME,
      async (job: Job<ConnectionQueue>, lock = '') => {
        const deliveryId = job.id ?? '';
        const request = { ...job.data, deliveryId, lock };
        let permit = await scheduler.acquire(request);
        // A worker that dies here has created no event.
        if (permit.kind === 'in_doubt') {
          permit = await scheduler.acquire({ ...request, absentSince: permit.startedAt });
        }
        if (permit.kind !== 'granted') {
          await this.wait({ job, lock, id: deliveryId, backend: worker.getBackend(), permit });
          throw new DelayedError();
        }
        this.sent.push({ id: deliveryId, connection: job.data.connection, at: permit.startedAt });
        return options.send ? await options.send(job) : { eventId: 'evt' };
      },
      { ...this.#options(), concurrency: options.concurrency ?? 20 },
      deliveryBackend(),
    );
    if (options.dispatcher !== false) {
      const dispatcher = new Dispatcher({ backend: worker.getBackend(), onError: () => {} });
      dispatcher.start();
      this.#closing.push(async () => dispatcher.stop());
    }
    return this.#keep(worker);
  }

  /** Opens a scheduler on its own connection, as another process has it. */
  openScheduler(): RedisScheduler {
    const redis = new Redis(this.#url, { maxRetriesPerRequest: null });
    redis.on('error', () => {});
    this.#closing.push(async () => redis.disconnect());
    return new RedisScheduler(redis, {
      prefix: PREFIX,
      probeAfter: 30_000,
      lockDuration: this.#lockDuration,
    });
  }

  /** Stops the workers and schedulers that were opened; Redis keeps its data. */
  async stopWorkers(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close();
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await this.queue.close();
    this.redis.disconnect();
  }

  #options() {
    const connection = { url: this.#url, maxRetriesPerRequest: null };
    const lockDuration = this.#lockDuration;
    return { connection, prefix: PREFIX, lockDuration, stalledInterval: lockDuration, maxStalledCount: 100 };
  }

  async #keep(worker: RigWorker): Promise<RigWorker> {
    worker.on('error', () => {});
    await worker.waitUntilReady();
    this.#closing.push(() => worker.close());
    return worker;
  }
}

/** Returns the queue of a connection, which has its own bot unless one is named. */
export function queueOf(
  connection: string,
  {
    bot: id = `bot-of-${connection}`,
    limit: eventsPerMinute = 600,
    share = 1,
    workspace,
  }: { bot?: string; limit?: number; share?: number; workspace?: WorkspaceWindow } = {},
): ConnectionQueue {
  const bot = { id, eventsPerMinute };
  return { connection, bot: workspace ? { ...bot, workspace } : bot, share };
}
