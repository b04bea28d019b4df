import { readFileSync } from 'node:fs';
import {
  compareLedgers,
  type RunningPipeline,
  sendLikeAPlatform,
  startPipeline,
  waitUntilCreated,
} from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orders } from './shopify-orders.ts';

const DEADLINE = 500;
const MIB = 1024 * 1024;

let pipeline: RunningPipeline;

beforeAll(async () => {
  pipeline = await startPipeline({ env: { SLUICE_ENQUEUE_DEADLINE_MS: String(DEADLINE) } });
});

afterAll(() => pipeline.stop());

const memory = () => {
  const status = readFileSync(`/proc/${pipeline.ingest.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
};

test.skipIf(process.platform !== 'linux')(
  'with Redis frozen every webhook gets 503 in time and memory stays flat; thawed, all is well',
  async () => {
    const warmUp = await sendLikeAPlatform(orders(300), {
      url: () => pipeline.webhookUrl(),
      concurrency: 50,
    });
    await pipeline.sandbox.waitFor({ distinct: 300 });
    const before = memory();

    pipeline.redis.signal('SIGSTOP');
    const slowest = { ms: 0 };
    const statuses = new Set<number>();
    const late = orders(4_000);
    let next = 0;
    const send = async () => {
      for (let order = late[next++]; order; order = late[next++]) {
        const start = performance.now();
        const { headers, body } = order;
        statuses.add((await fetch(pipeline.webhookUrl(), { method: 'POST', headers, body })).status);
        slowest.ms = Math.max(slowest.ms, performance.now() - start);
      }
    };
    await Promise.all(Array.from({ length: 100 }, send));
    const grown = memory() - before;
    pipeline.redis.signal('SIGCONT');

    expect(statuses).toEqual(new Set([503]));
    expect(slowest.ms).toBeLessThan(DEADLINE + 1_000);
    expect(grown).toBeLessThan(100 * MIB);

    const ledger = await sendLikeAPlatform(late.slice(0, 300), {
      url: () => pipeline.webhookUrl(),
      concurrency: 50,
    });
    for (const id of warmUp.accepted) ledger.accepted.add(id);
    await waitUntilCreated(ledger, pipeline.sandbox);
    expect((await compareLedgers(ledger, pipeline.sandbox)).lost).toEqual([]);
    process.stdout.write(
      `redis frozen: slowest 503 ${Math.round(slowest.ms)} ms, ingest grew ${Math.round(grown / MIB)} MiB\n`,
    );
  },
);
