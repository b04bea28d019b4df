import type { Delivery } from '@sluice/events';
import type { Job } from 'bullmq';
import { Redis } from 'ioredis';
import type { DeliveryQueue } from '../bullmq/open-queue.ts';
import { enqueueGroup } from '../enqueue/enqueuer.ts';
import { failureSourceOf, writeFailure } from '../records/failure.ts';
import type { DeadReason } from '../records/outcome.ts';
import { openShards, type Shards } from '../sharding/across-shards.ts';
import type { Shard } from '../sharding/shard.ts';
import { failJob } from './fail-job.ts';
import { openTaker } from './open-taker.ts';

export const PREFIX = '{sluice}';
const FAILED = `${PREFIX}:deliveries:failed`;

/** When the first of `kill` died, in milliseconds since the epoch. */
export const DIED_AT = 1_790_000_000_000;

interface Server {
  readonly url: string;
  stop(): Promise<void>;
}

/** Of @sluice/testing, which only tests may import. */
export interface Tools {
  startRedis(options: { readonly own: true }): Promise<Server>;
  makeDelivery(changes: Partial<Delivery>): Delivery;
  seedDeadLetters(
    redis: Redis,
    options: { prefix: string; template: string; count: number; diedAt: number },
  ): Promise<void>;
}

/** A queue in a separate Redis, in which deliveries fail as the test specifies. */
export class DeadRig {
  readonly url: string;
  readonly redis: Redis;
  readonly queue: DeliveryQueue;
  readonly shards: Shards;
  readonly #server: Server;
  readonly #tools: Tools;
  readonly #worker: ReturnType<typeof openTaker>;

  private constructor(server: Server, tools: Tools, shards: Shards) {
    const { url } = server;
    this.#server = server;
    this.url = url;
    this.redis = new Redis(url, { maxRetriesPerRequest: null });
    this.#tools = tools;
    this.shards = shards;
    this.queue = (shards.all()[0] as Shard).contextOrThrow().queue;
    this.#worker = openTaker(url, { prefix: PREFIX });
  }

  static async open(tools: Tools): Promise<DeadRig> {
    const server = await tools.startRedis({ own: true });
    const shards = openShards({ url: server.url, name: 'test', prefix: PREFIX, onError: () => {} });
    await shards.reached;
    const rig = new DeadRig(server, tools, shards);
    await rig.#worker.waitUntilReady();
    return rig;
  }

  /** Where dead letters are moved and replayed. */
  place(now: () => number = Date.now) {
    const { redis, queue } = this;
    return {
      redis,
      base: `${PREFIX}:`,
      keyPrefix: queue.toKey(''),
      backend: queue.getBackend(),
      now,
    };
  }

  async enqueue(connection: string, count: number, body?: string): Promise<string[]> {
    const requests = Array.from({ length: count }, () => ({
      delivery: this.#tools.makeDelivery({ connection, ...(body === undefined ? {} : { body }) }),
      deduplicationWindow: 60_000,
      priority: 7,
    }));
    return (await enqueueGroup(this.queue, requests)).map(({ id }) => id);
  }

  /** Takes the next delivery that waits; there must be one. */
  async take(): Promise<Job> {
    const job = await this.#worker.getNextJob('lock', { block: false });
    if (!job) throw new Error('nothing waits');
    return job;
  }

  /** Enqueues `count` deliveries and lets them fail, one per millisecond, the first at `DIED_AT`. */
  async kill(
    connection: string,
    count: number,
    reason: DeadReason = 'rejected',
    body?: string,
  ): Promise<string[]> {
    await this.enqueue(connection, count, body);
    const ids: string[] = [];
    for (let index = 0; index < count; index++) {
      const job = await this.take();
      await failJob(job, writeFailure(reason, { message: 'no' }, failureSourceOf(job)));
      ids.push(job.id ?? '');
    }
    for (const set of [FAILED, ...(await this.redis.keys(`${PREFIX}:dead:*`))]) {
      await this.redis.zadd(set, 'XX', ...ids.flatMap((id, index) => [DIED_AT + index, id]));
    }
    return ids;
  }

  /** Copies one dead letter of a connection `count` times. */
  async seed(connection: string, count: number): Promise<void> {
    const [template = ''] = await this.kill(connection, 1);
    await this.#tools.seedDeadLetters(this.redis, { prefix: PREFIX, template, count, diedAt: DIED_AT });
  }

  async close(): Promise<void> {
    await Promise.all([this.shards.close(), this.#worker.close()]);
    this.redis.disconnect();
    await this.#server.stop();
  }
}
