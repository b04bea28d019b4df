import type { Delivery } from '@sluice/events';
import type { DEAD_REASONS } from '@sluice/queue';
import { createDeliveryBackend, enqueueGroup } from '@sluice/queue/testing';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const PREFIX = '{test}';

interface Server {
  readonly url: string;
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Part of @sluice/testing, which only tests may import. */
interface TestTools {
  startRedis(options: { readonly own: true }): Promise<Server>;
}

/** Part of vitest. */
interface EnvStubs {
  stubEnv(name: string, value: string): unknown;
}

/** A queue in its own Redis. `reset` makes the commands of a test use it. */
export class QueueRig {
  readonly prefix = PREFIX;
  readonly url: string;
  readonly redis: Redis;
  readonly queue: Queue;
  readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    this.url = server.url;
    this.redis = new Redis(this.url, { maxRetriesPerRequest: null });
    this.queue = new Queue('deliveries', { connection: this.redis, prefix: PREFIX }, createDeliveryBackend);
  }

  static async open({ startRedis }: TestTools): Promise<QueueRig> {
    return new QueueRig(await startRedis({ own: true }));
  }

  /** Deletes all data and sets the environment of the commands. */
  async reset(stubs: EnvStubs): Promise<void> {
    stubs.stubEnv('REDIS_URL', this.url);
    stubs.stubEnv('SLUICE_QUEUE_PREFIX', PREFIX);
    await this.redis.flushall();
  }

  async enqueue(...deliveries: readonly Delivery[]): Promise<void> {
    await enqueueGroup(
      this.queue,
      deliveries.map((delivery) => ({ delivery, deduplicationWindow: 60_000 })),
    );
  }

  /** Enqueues deliveries and makes them dead letters with these messages. Returns their ids. */
  async kill(
    deliveries: readonly Delivery[],
    messageOf: (delivery: Delivery) => string,
    reason: (typeof DEAD_REASONS)[number] = 'rejected',
  ): Promise<string[]> {
    const worker = this.openManualWorker();
    for (const delivery of deliveries) {
      await this.enqueue(delivery);
      const job = await worker.getNextJob('lock', { block: false });
      const failure = JSON.stringify({ reason, detail: { message: messageOf(delivery) } });
      await job?.moveToFailed(new UnrecoverableError(failure), 'lock', false);
    }
    await worker.close();
    return deliveries.map(({ id }) => id);
  }

  /** Returns a worker that fetches jobs only by `getNextJob`. The caller closes it. */
  openManualWorker(): Worker {
    const options = { connection: { url: this.url }, prefix: PREFIX, autorun: false };
    return new Worker('deliveries', null, options, createDeliveryBackend);
  }

  async close(): Promise<void> {
    await this.queue.close();
    this.redis.disconnect();
    await this.server.stop();
  }
}
