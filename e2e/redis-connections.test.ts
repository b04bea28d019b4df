import { type RunningApp, type RunningPipeline, runSluice, startPipeline } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orders } from './shopify-orders.ts';
import { startConsole } from './start-console.ts';

/** What docs/how-to/scale-out.md states: connections of one process to each shard. */
const PER_SHARD = { 'sluice-worker': 4, 'sluice-ingest': 1, 'sluice-console': 1 };

/** BullMQ names a worker's blocking connection after the queue, in base64. */
const BLOCKING = `:${Buffer.from('deliveries').toString('base64')}`;

describe.each([1, 3])('with %i shards', (shards) => {
  let pipeline: RunningPipeline;
  let console: RunningApp;
  let redis: Redis;

  beforeAll(async () => {
    pipeline = await startPipeline({ env: { SLUICE_SHARDS: String(shards) } });
    console = await startConsole(pipeline.env);
    redis = new Redis(pipeline.redis.url, { connectionName: 'test' });
  });

  afterAll(async () => {
    redis.disconnect();
    await console.stop();
    await pipeline.stop();
  });

  /** Counts the connections to Redis by application. Fails if a connection is of none. */
  async function countConnections(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const [, name = ''] of String(await redis.client('LIST')).matchAll(/ name=(\S*) /g)) {
      if (name === 'test') continue;
      const app = name.endsWith(BLOCKING) ? 'sluice-worker' : (/^sluice-[a-z]+/.exec(name)?.[0] ?? name);
      counts[app] = (counts[app] ?? 0) + 1;
    }
    return counts;
  }

  const expected = Object.fromEntries(Object.entries(PER_SHARD).map(([app, count]) => [app, count * shards]));

  test('a fresh start opens the documented number of connections per shard', async () => {
    expect(await countConnections()).toEqual(expected);
  });

  test('deliveries, scrapes, the console and its raw queue open no more', async () => {
    const [order] = orders(1);
    await fetch(pipeline.webhookUrl(), { method: 'POST', ...order });
    await pipeline.sandbox.waitFor({ calls: 1 });
    const paths = [
      '/api/overview',
      '/api/dead-letters',
      '/api/replays',
      '/api/ledger',
      '/api/audit',
      '/queues/',
    ];
    const scraped = [`${pipeline.worker.url}/metrics`, `${pipeline.ingest.ready.metricsUrl}/metrics`];
    for (const url of [...scraped, ...paths.map((path) => `${console.url}${path}`)]) {
      const response = await fetch(url);
      expect([url, response.status]).toEqual([url, 200]);
      await response.arrayBuffer();
    }
    expect(await countConnections()).toEqual(expected);
  });

  test('a command closes its connections when it ends', async () => {
    const { code } = await (await runSluice(['ledger'], pipeline.env)).ended;
    expect(code).toBe(0);
    expect(await countConnections()).toEqual(expected);
  });
});
