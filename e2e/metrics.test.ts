import { readFileSync } from 'node:fs';
import { type RunningPipeline, runSluice, startPipeline } from '@sluice/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

let pipeline: RunningPipeline;

beforeAll(async () => {
  pipeline = await startPipeline();
});

afterAll(() => pipeline.stop());

const metricsOf = async (app: 'ingest' | 'worker' = 'worker') => {
  const answer = await fetch(`${pipeline[app].ready.metricsUrl}/metrics`, {
    signal: AbortSignal.timeout(10_000),
  });
  return answer.text();
};

const send = async (...more: readonly string[]) => {
  const to = ['--url', pipeline.ingest.url, '--connections', pipeline.env.SLUICE_CONNECTIONS ?? ''];
  const { ended } = await runSluice(['send', 'shopify', 'orders/create', ...to, ...more], pipeline.env);
  expect((await ended).code).toBe(0);
};

test('ingest and worker expose metrics of a connection, its queue and Redis', async () => {
  await send('--count', '3', '--same');
  const OF = 'connection="demo-shopify",source="shopify"';
  await vi.waitFor(async () => {
    const worker = await metricsOf();
    expect(worker).toContain(`sluice_connection_events_total{${OF},outcome="delivered"} 1`);
    expect(worker).toContain('sluice_delivery_verdicts_total{verdict="in_time"} 1');
  }, 10_000);
  const worker = await metricsOf();
  expect(worker).toContain(`sluice_connection_lag_seconds_count{${OF}} 1`);
  expect(worker).toMatch(
    /sluice_connection_limit_events_per_minute\{connection="demo-shopify",source="shopify",bot="[\w-]+"\} 1000000/,
  );
  expect(worker).toContain('sluice_redis_persistence_ok{check="append_only"} 1');
  expect(worker).toMatch(/sluice_redis_memory_used_bytes \d{6,}/);
  expect(worker).toContain('sluice_worker_running 1');
  expect(worker).toContain('sluice_ledger_differences 0');
  expect(worker).toContain('sluice_replays{state="paused"} 0');
  const ingest = await metricsOf('ingest');
  expect(ingest).toContain(`sluice_connection_webhooks_total{${OF},result="accepted"} 1`);
  expect(ingest).toContain(`sluice_connection_webhooks_total{${OF},result="duplicate"} 2`);
  expect(ingest).toMatch(/sluice_connection_last_webhook_timestamp_seconds\{.*\} 1[\d.]{9,}/);
  expect(ingest).toContain('sluice_webhook_verdicts_total{verdict="in_time"} 3');
});

/** Rows of docs/reference/metrics.md in the section of an app, as `name type`. */
function documentedMetrics(app: 'ingest' | 'worker'): string[] {
  const page = readFileSync(new URL('../docs/reference/metrics.md', import.meta.url), 'utf8');
  const section = page.split('\n## ').find((text) => text.toLowerCase().startsWith(app)) ?? '';
  return [...section.matchAll(/^\| `(\w+)` \| (\w+) /gm)].map(([, name, type]) => `${name} ${type}`);
}

test.each(['ingest', 'worker'] as const)('%s exposes exactly the metrics of the reference', async (app) => {
  const exposed = [...(await metricsOf(app)).matchAll(/^# TYPE (sluice_\w+ \w+)$/gm)].map(([, line]) => line);
  expect(exposed.length).toBeGreaterThan(9);
  expect(exposed.sort()).toEqual(documentedMetrics(app).sort());
});

test('the worker exposes its metrics without Redis', async () => {
  expect(await metricsOf()).toContain('sluice_connection_state{connection="demo-shopify"} 0');
  pipeline.redis.signal('SIGKILL');
  await pipeline.worker.lines.waitFor(({ error }) => String(error).includes('ECONNREFUSED'));
  expect(await metricsOf()).toContain('sluice_attempts_total');
  expect(await metricsOf()).toContain('sluice_worker_running 0');
  await vi.waitFor(
    async () => expect(await metricsOf('ingest')).toContain('sluice_ingest_refusing{reason="away"} 1'),
    10_000,
  );
  await pipeline.redis.restart();
});
