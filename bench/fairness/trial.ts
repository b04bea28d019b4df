import { startRedis } from '@sluice/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Crew } from './crew.ts';
import { BODY, type EventData, type Flow } from './event.ts';
import { PREFIX, QUEUE, type Variant } from './variant.ts';
import { VARIANTS, type VariantName } from './variants.ts';
import type { CallOrders } from './worker-process.ts';

const CONCURRENCY = 50;
/** A timer, for HTTP would cost more than all the rest. */
const CALL: CallOrders = { milliseconds: 5 };

/** What things cost so far: differences of two are what a time cost. */
export interface Costs {
  /** Milliseconds. */
  readonly at: number;
  readonly takes: number;
  /** Seconds of CPU. */
  readonly workerCpu: number;
  readonly redisCpu: number;
}

/** One variant with a Redis and worker processes of its own. */
export interface Trial {
  readonly crew: Crew;
  /** Enqueues so many events of a flow together. @returns their ids */
  enqueue(flow: Flow, count: number): Promise<string[]>;
  costs(): Promise<Costs>;
  stop(): Promise<void>;
}

export async function startTrial(name: VariantName, call = CALL): Promise<Trial> {
  const variant: Variant = VARIANTS[name];
  // The rewriting of its file would fall into some rounds and not into others.
  const server = await startRedis({ own: true, args: ['--auto-aof-rewrite-percentage', '0'] });
  const redis = new Redis(server.url, { maxRetriesPerRequest: null });
  const queue = new Queue<EventData>(QUEUE, {
    connection: redis,
    prefix: PREFIX,
    streams: { events: { maxLen: 500 } },
  });
  const crew = await Crew.start({
    ...{ variant: name, redisUrl: server.url },
    ...{ concurrency: CONCURRENCY, call },
  });
  let number = 0;
  return {
    crew,
    async enqueue(flow, count) {
      const ranks = await variant.rank?.(redis, flow, count);
      const jobs = Array.from({ length: count }, (_, index) => {
        const { priority = 0, finish } = ranks?.[index] ?? {};
        const data = { ...flow, body: BODY, ...(finish === undefined ? {} : { finish }) };
        return { name: 'event', data, opts: { jobId: `dlv_${number++}`, priority } };
      });
      await queue.addBulk(jobs);
      return jobs.map(({ opts }) => opts.jobId);
    },
    async costs() {
      const info = await redis.info('cpu');
      return { at: Date.now(), takes: crew.takes, workerCpu: crew.cpu, redisCpu: readCpu(info) };
    },
    async stop() {
      await crew.stop();
      redis.disconnect();
      await server.stop();
    },
  };
}

function readCpu(info: string): number {
  const read = (field: string) => Number(new RegExp(`^${field}:(.*)$`, 'm').exec(info)?.[1]);
  return read('used_cpu_user') + read('used_cpu_sys');
}
