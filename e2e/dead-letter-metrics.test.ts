import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningPipeline, runSluice, sendLikeAPlatform, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openShop, order, type Shop } from './story/shop.ts';

let folder: string;
let shop: Shop;
let pipeline: RunningPipeline;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-dead-'));
  shop = await openShop(folder);
  pipeline = await startPipeline({ env: { SLUICE_CONNECTIONS: shop.connectionsPath } });
});

afterAll(async () => {
  await pipeline.stop();
  await rm(folder, { recursive: true });
});

async function metrics(): Promise<readonly string[]> {
  const answer = await fetch(`${pipeline.worker.ready.metricsUrl}/metrics`);
  return (await answer.text()).split('\n');
}

const exposes = (...lines: readonly string[]) =>
  vi.waitFor(async () => expect(await metrics()).toEqual(expect.arrayContaining([...lines])), 10_000);

test('exposes dead letters and replays, and drops their series when they are gone', async () => {
  // Every third order has no coupon and dies.
  await sendLikeAPlatform([3, 4, 6].map(order), { url: () => pipeline.webhookUrl('shop'), concurrency: 1 });
  await exposes(
    'sluice_dead_letters{source="shop",reason="mapper_threw",fault="pipeline"} 2',
    'sluice_replays_total{state="done"} 0',
  );
  expect(await metrics()).toContainEqual(
    expect.stringMatching(/^sluice_oldest_dead_letter_seconds\{reason="mapper_threw"\} \d+(\.\d+)?$/),
  );
  await shop.fix();
  await pipeline.restart('worker');
  const { ended } = await runSluice(['replay', 'run', '--all'], pipeline.env);
  expect((await ended).code).toBe(0);
  await exposes('sluice_replays_total{state="done"} 1', 'sluice_replays_total{state="running"} 1');
  expect(await metrics()).not.toContainEqual(expect.stringContaining('sluice_dead_letters{source="shop"'));
});
