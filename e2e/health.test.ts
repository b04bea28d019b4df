import { type RunningApp, type RunningPipeline, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { orders } from './shopify-orders.ts';
import { startConsole } from './start-console.ts';

const SOON = { timeout: 15_000, interval: 20 };
const WELL = { status: 200, ok: true };

let pipeline: RunningPipeline;
let console: RunningApp;

beforeAll(async () => {
  pipeline = await startPipeline();
  console = await startConsole(pipeline.env);
});

afterAll(async () => {
  await console.stop();
  await pipeline.stop();
});

interface Answered {
  readonly status: number;
  readonly ok: boolean;
  readonly why?: string;
}

async function ask(url: unknown, path: string): Promise<Answered> {
  const answer = await fetch(`${url}${path}`);
  return { status: answer.status, ...((await answer.json()) as { ok: boolean; why?: string }) };
}

/** Health URLs as used by docker-compose.yml and deploy/kubernetes. */
const places = () => ({
  'ingest, webhook port': pipeline.ingest.url,
  'ingest, metrics port': pipeline.ingest.ready.metricsUrl,
  worker: pipeline.worker.url,
  console: console.url,
});

const askAll = async (path: string): Promise<Record<string, Answered>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(places()).map(async ([name, url]) => [name, await ask(url, path)])),
  );

const everywhere = (answered: unknown) =>
  Object.fromEntries(Object.keys(places()).map((name) => [name, answered]));

test('each app is alive, ready and started once it logs that it runs', async () => {
  for (const path of ['/healthz', '/readyz', '/startedz']) {
    expect(await askAll(path)).toEqual(everywhere(WELL));
  }
});

test('without Redis each app stays alive but is not ready, and recovers with it', async () => {
  pipeline.redis.signal('SIGKILL');
  await pipeline.redis.exited;
  await vi.waitUntil(async () => {
    const answers = Object.values(await askAll('/readyz'));
    return answers.every(({ status }) => status === 503);
  }, SOON);
  const away = { status: 503, ok: false, why: 'Redis is not reachable' };
  expect(await askAll('/readyz')).toEqual({
    ...everywhere(away),
    console: { ...away, why: 'Redis does not answer' },
  });
  expect(await askAll('/healthz')).toEqual(everywhere(WELL));
  expect(await askAll('/startedz')).toEqual(everywhere(WELL));
  await pipeline.redis.restart();
  await vi.waitUntil(async () => {
    const answers = Object.values(await askAll('/readyz'));
    return answers.every(({ status }) => status === 200);
  }, SOON);
});

test('a worker that shuts down is alive but not ready until its last attempt ends', async () => {
  await pipeline.sandbox.addFault({ kind: 'hold', times: 1 });
  const [order] = orders(1);
  await fetch(pipeline.webhookUrl(), { method: 'POST', ...order });
  await pipeline.sandbox.waitFor({ calls: 1 });
  const { worker } = pipeline;
  worker.signal('SIGTERM');
  await worker.lines.waitFor(({ msg }) => msg === 'shutdown.started');
  expect(await ask(worker.url, '/readyz')).toEqual({ status: 503, ok: false, why: 'shutting down' });
  expect(await ask(worker.url, '/healthz')).toEqual(WELL);
  await pipeline.sandbox.clearFaults();
  expect(await worker.exited).toEqual({ code: 0, signal: null });
});
