import { randomUUID } from 'node:crypto';
import { DelayedError, type Job, Queue, type RedisQueueBackend, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { JOB_OPTIONS, QUEUE_NAME } from '../../bullmq/layout.ts';
import { schedulerBase } from '../../keys.ts';
import type { ConnectionQueue } from '../../records/outcome.ts';
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

/** A delivery as a worker took it. */
export interface Taking {
  readonly job: Job<ConnectionQueue>;
  readonly lock: string;
  readonly id: string;
  readonly backend: RedisQueueBackend;
}

export type GateWorker = Worker<ConnectionQueue, unknown, string, RedisQueueBackend>;

/** Queue, gate and workers on one Redis, as an app has them; deliveries carry their lanes with them. */
export class GateRig {
  readonly redis: Redis;
  readonly gate: RedisScheduler;
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
    this.gate = new RedisScheduler(this.redis, { prefix: PREFIX, probeAfter, lockDuration });
    this.queue = new Queue(QUEUE_NAME, { connection: this.redis, prefix: PREFIX });
    this.queue.on('error', () => {});
  }

  /** Enqueues so many deliveries of a lane. */
  async enqueue(lane: ConnectionQueue, count = 1): Promise<string[]> {
    const ids = Array.from({ length: count }, () => `dlv_${randomUUID()}`);
    for (let start = 0; start < count; start += 500) {
      await this.queue.addBulk(
        ids.slice(start, start + 500).map((jobId) => ({
          name: 'orders/create',
          data: lane,
          opts: { ...JOB_OPTIONS, jobId, priority: 10, removeOnComplete: false },
        })),
      );
    }
    return ids;
  }

  /** Opens a worker that takes nothing by itself: for `take`, `settle` and `giveTurns`. */
  async openWorker(): Promise<GateWorker> {
    const worker: GateWorker = new Worker(QUEUE_NAME, null, { ...this.#options(), autorun: false });
    return this.#keep(worker);
  }

  /** Takes the next delivery that waits, if one does. */
  async take(worker: GateWorker): Promise<Taking | undefined> {
    const lock = randomUUID();
    const job = await worker.getNextJob(lock, { block: false });
    return job && { job, lock, id: job.id ?? '', backend: worker.getBackend() };
  }

  /** Takes the next delivery and asks for its turn; there must be one. */
  async ask(worker: GateWorker, more: Partial<PermitRequest> = {}): Promise<Taking & { turn: Permit }> {
    const taking = await this.take(worker);
    if (!taking) throw new Error('nothing waits');
    const { job, lock, id } = taking;
    return { ...taking, turn: await this.gate.acquire({ ...job.data, deliveryId: id, lock, ...more }) };
  }

  /** Does with what has no turn as the app does. */
  async wait({ job, lock, id, backend, turn }: Taking & { turn: Permit }): Promise<void> {
    if (turn.kind !== 'paced' && turn.kind !== 'held') throw new Error(`it is ${turn.kind}`);
    await park(backend, { ...job.data, deliveryId: id, lock, until: turn.until });
  }

  /** Takes the next delivery, which must be refused a turn, and puts it into its lane. */
  async park(worker: GateWorker): Promise<string> {
    const asked = await this.ask(worker);
    await this.wait(asked);
    return asked.id;
  }

  /** Lets time pass for the gate. */
  age(ms: number): Promise<void> {
    return age(this.redis, PREFIX, ms);
  }

  /** One of the gate's keys. */
  key(name: string): string {
    return schedulerBase(PREFIX) + name;
  }

  /**
   * Starts a worker that asks for a turn for each delivery and sends its event, and a releaser.
   *
   * @param send what sending comes to; without it, an event
   */
  async startWorker(
    options: {
      concurrency?: number;
      send?: (job: Job<ConnectionQueue>) => Promise<unknown>;
      releaser?: boolean;
    } = {},
  ): Promise<GateWorker> {
    const gate = this.openGate();
    const worker: GateWorker = new Worker(
      QUEUE_NAME,
      async (job: Job<ConnectionQueue>, lock = '') => {
        const deliveryId = job.id ?? '';
        const request = { ...job.data, deliveryId, lock };
        let turn = await gate.acquire(request);
        // No event is ever created by whoever dies here.
        if (turn.kind === 'in_doubt') turn = await gate.acquire({ ...request, absentSince: turn.startedAt });
        if (turn.kind !== 'granted') {
          await this.wait({ job, lock, id: deliveryId, backend: worker.getBackend(), turn });
          throw new DelayedError();
        }
        this.sent.push({ id: deliveryId, connection: job.data.connection, at: turn.startedAt });
        return options.send ? await options.send(job) : { eventId: 'evt' };
      },
      { ...this.#options(), concurrency: options.concurrency ?? 20 },
    );
    if (options.releaser !== false) {
      const releaser = new Dispatcher({ backend: worker.getBackend(), onError: () => {} });
      releaser.start();
      this.#closing.push(async () => releaser.stop());
    }
    return this.#keep(worker);
  }

  /** A gate on a connection of its own, as another process has it. */
  openGate(): RedisScheduler {
    const redis = new Redis(this.#url, { maxRetriesPerRequest: null });
    redis.on('error', () => {});
    this.#closing.push(async () => redis.disconnect());
    return new RedisScheduler(redis, {
      prefix: PREFIX,
      probeAfter: 30_000,
      lockDuration: this.#lockDuration,
    });
  }

  /** Stops the workers and gates that were opened; what is in Redis stays. */
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

  async #keep(worker: GateWorker): Promise<GateWorker> {
    worker.on('error', () => {});
    await worker.waitUntilReady();
    this.#closing.push(() => worker.close());
    return worker;
  }
}

/** A lane of that connection, of a bot of its own unless one is named. */
export function laneOf(
  connection: string,
  { bot = `bot-of-${connection}`, limit = 600, share = 1 } = {},
): ConnectionQueue {
  return { connection, bot: { id: bot, eventsPerMinute: limit }, share };
}
