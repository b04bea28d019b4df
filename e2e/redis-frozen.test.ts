import { readFileSync } from 'node:fs';
import {
  compareLedgers,
  type PlatformRequest,
  type RunningPipeline,
  sendLikeAPlatform,
  startPipeline,
  waitUntilCreated,
} from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orders } from './shopify-orders.ts';

/** Default timeout of ingest for Redis, in milliseconds. */
const DEADLINE = 900;
const MIB = 1024 * 1024;

let pipeline: RunningPipeline;

beforeAll(async () => {
  pipeline = await startPipeline();
});

afterAll(() => pipeline.stop());

const memory = () => {
  const status = readFileSync(`/proc/${pipeline.ingest.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
};

test.skipIf(process.platform !== 'linux')(
  'with a frozen Redis every webhook gets a 503 in time and memory is constant; it recovers with Redis',
  async () => {
    const warmUp = await sendLikeAPlatform(orders(300), {
      url: () => pipeline.webhookUrl(),
      concurrency: 50,
    });
    await pipeline.sandbox.waitFor({ distinct: 300 });
    const before = memory();

    const took: number[] = [];
    const statuses = new Set<number>();
    const late = orders(4_000);
    let next = 0;
    const send = async ({ headers, body }: PlatformRequest) => {
      const start = performance.now();
      statuses.add((await fetch(pipeline.webhookUrl(), { method: 'POST', headers, body })).status);
      took.push(performance.now() - start);
    };
    const sendMany = async () => {
      for (let order = late[next++]; order; order = late[next++]) await send(order);
    };
    pipeline.redis.signal('SIGSTOP');
    await send(late[next++] as PlatformRequest);
    const [first = Number.NaN] = took;
    await Promise.all(Array.from({ length: 100 }, sendMany));
    const slowest = Math.max(...took);
    const grown = memory() - before;
    pipeline.redis.signal('SIGCONT');

    expect(statuses).toEqual(new Set([503]));
    // The rest is tolerance for timers on a busy machine.
    expect(first).toBeLessThan(DEADLINE + 500);
    expect(slowest).toBeLessThan(DEADLINE + 1_500);
    expect(grown).toBeLessThan(100 * MIB);

    const ledger = await sendLikeAPlatform(late.slice(0, 300), {
      url: () => pipeline.webhookUrl(),
      concurrency: 50,
    });
    for (const id of warmUp.accepted) ledger.accepted.add(id);
    await waitUntilCreated(ledger, pipeline.sandbox);
    expect((await compareLedgers(ledger, pipeline.sandbox)).lost).toEqual([]);
    process.stdout.write(
      `redis frozen: first 503 ${Math.round(first)} ms, slowest ${Math.round(slowest)} ms, ingest grew ${Math.round(grown / MIB)} MiB\n`,
    );
  },
);
