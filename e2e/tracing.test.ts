import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type RunningPipeline, startApp, startPipeline } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { orders } from './shopify-orders.ts';
import { type Collector, type SeenSpan, startCollector } from './tracing/start-collector.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const WITHOUT = fileURLToPath(new URL('tracing/without-open-telemetry.mjs', import.meta.url));

/** The trace of the sender. */
const THEIRS = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const TRACEPARENT = `00-${THEIRS.traceId}-${THEIRS.spanId}-01`;

/** Span kinds of OpenTelemetry. */
const KINDS = { server: 2, client: 3, producer: 4, consumer: 5 };

let collector: Collector;
let pipeline: RunningPipeline;

beforeAll(async () => {
  collector = await startCollector();
  pipeline = await startPipeline({
    env: {
      SLUICE_TRACING: 'on',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      SLUICE_API_TIMEOUT_MS: '1000',
      SLUICE_SETTLE_MS: '1200',
    },
  });
});

afterAll(async () => {
  await pipeline.stop();
  await collector.stop();
});

async function post(headers: Record<string, string> = {}): Promise<string> {
  const [order] = orders(1);
  const init = { method: 'POST', body: order?.body ?? '', headers: { ...order?.headers, ...headers } };
  const answer = await fetch(pipeline.webhookUrl(), init);
  const { deliveries = [] } = (await answer.json()) as { deliveries?: string[] };
  return deliveries[0] ?? String(answer.status);
}

/** Returns the spans of a delivery's trace once its event is created. */
async function traceOf(delivery: string): Promise<readonly SeenSpan[]> {
  const isDelivered = ({ attributes }: SeenSpan) =>
    attributes['sluice.delivery'] === delivery && attributes['sluice.outcome'] === 'delivered';
  const ofWebhook = ({ attributes }: SeenSpan) =>
    (attributes['sluice.deliveries'] as string[] | undefined)?.includes(delivery);
  const spans = await collector.waitFor(
    (seen) => seen.some(isDelivered) && seen.some((each) => ofWebhook(each)),
  );
  const { traceId } = spans.find(isDelivered) as SeenSpan;
  return spans.filter((span) => span.traceId === traceId);
}

const outline = (spans: readonly SeenSpan[]) => {
  const nameOf = (id: string) => spans.find(({ spanId }) => spanId === id)?.name ?? '';
  return spans.map(({ service, name, kind, parentSpanId }) => [service, name, kind, nameOf(parentSpanId)]);
};

describe('with tracing', () => {
  test('one trace covers the webhook, the queue and each call of createEvent, including retries', async () => {
    await pipeline.sandbox.addFault({ kind: 'status', status: 503, times: 1 });
    const trace = await traceOf(await post());
    expect(outline(trace).sort()).toEqual(
      [
        ['sluice-ingest', 'webhook', KINDS.server, ''],
        ['sluice-ingest', 'enqueue', KINDS.producer, 'webhook'],
        ['sluice-worker', 'attempt', KINDS.consumer, 'enqueue'],
        ['sluice-worker', 'createEvent', KINDS.client, 'attempt'],
        ['sluice-worker', 'attempt', KINDS.consumer, 'enqueue'],
        ['sluice-worker', 'createEvent', KINDS.client, 'attempt'],
      ].sort(),
    );
    const of = (wanted: string) => trace.filter(({ name }) => name === wanted);
    expect(of('webhook')[0]?.attributes).toMatchObject({
      'http.response.status_code': 200,
      'sluice.connection': 'demo-shopify',
      'sluice.result': 'accepted',
    });
    const attempts = of('attempt').map(({ attributes, status }) => [
      attributes['sluice.attempt'],
      attributes['sluice.outcome'],
      status.code,
    ]);
    expect(attempts.sort()).toEqual(
      [
        [1, 'retry', 2],
        [2, 'delivered', undefined],
      ].map(([attempt, outcome, code]) => [attempt, outcome, code ?? 0]),
    );
  });

  test('log lines have the trace id', async () => {
    const delivery = await post();
    const [{ traceId } = { traceId: 'none' }] = await traceOf(delivery);
    const ingested = await pipeline.ingest.lines.waitFor(
      ({ deliveries }) => (deliveries as string[] | undefined)?.includes(delivery) ?? false,
    );
    const attempted = await pipeline.worker.lines.waitFor((line) => line.delivery === delivery);
    expect([ingested.trace, attempted.trace]).toEqual([traceId, traceId]);
  });

  test('links the trace of a sender without continuing it or its sampling decision', async () => {
    for (const flags of ['01', '00']) {
      const trace = await traceOf(await post({ traceparent: `${TRACEPARENT.slice(0, -2)}${flags}` }));
      const [webhook] = trace.filter(({ name }) => name === 'webhook');
      expect(webhook).toMatchObject({ parentSpanId: '', links: [THEIRS] });
      expect(webhook?.traceId).not.toBe(THEIRS.traceId);
    }
  });

  test.each([
    ['with a wrong signature', { 'x-shopify-hmac-sha256': 'd3Jvbmc=', traceparent: TRACEPARENT }, '401'],
    ['with an invalid traceparent', { traceparent: '00-zz-01' }, /^dlv_/],
  ])('links nothing for senders %s', async (_who, headers, answer) => {
    const before = collector.spans.length;
    expect(await post(headers)).toMatch(answer);
    const spans = await collector.waitFor((seen) =>
      seen.slice(before).some(({ name }) => name === 'webhook'),
    );
    expect(spans.slice(before).flatMap(({ links }) => links)).toEqual([]);
  });

  test('the lookup after a lost response is part of the trace', async () => {
    await pipeline.sandbox.addFault({ kind: 'reset', when: 'after', times: 1 });
    const trace = await traceOf(await post());
    const [look] = trace.filter(({ name }) => name === 'listEvents');
    expect(look).toMatchObject({ kind: KINDS.client, attributes: { 'sluice.result': 'found' } });
    expect(trace.filter(({ name }) => name === 'createEvent')).toHaveLength(1);
  });

  test('spans contain no secrets or payload data', async () => {
    await traceOf(await post());
    const sent = collector.bodies.join('\n');
    expect(sent).toContain('demo-shopify');
    for (const secret of ['shopify-demo-secret', 'demo-token', '@example.com', 'line_items']) {
      expect(sent).not.toContain(secret);
    }
  });
});

test('an unreachable collector is logged and delays nothing', async () => {
  const away = await startCollector();
  await away.stop();
  const ingest = await startApp('ingest', {
    env: { ...pipeline.env, OTEL_EXPORTER_OTLP_ENDPOINT: away.url },
  });
  const [order] = orders(1);
  const answer = await fetch(`${ingest.url}/webhooks/demo-shopify`, { method: 'POST', ...order });
  expect(answer.status).toBe(200);
  const warning = await ingest.lines.waitFor(({ msg }) => msg === 'tracing.error');
  expect(warning).toMatchObject({ level: 'warn', error: expect.stringContaining('ECONNREFUSED') });
  expect(await ingest.stop()).toEqual({ code: 0, signal: null });
});

test('an app without the OpenTelemetry packages does not start and states how to install them', async () => {
  const env = { ...pipeline.env };
  const nodeArgs = ['--import', WITHOUT];
  await expect(startApp('ingest', { env, nodeArgs })).rejects.toThrow(
    'ingest: SLUICE_TRACING is on, but the OpenTelemetry packages are not installed',
  );
});

test('without tracing, nothing is required, sent or stored', async () => {
  const before = collector.bodies.length;
  const quiet = await startPipeline({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    nodeArgs: ['--import', WITHOUT],
  });
  const [order] = orders(1);
  await fetch(quiet.webhookUrl(), { method: 'POST', ...order });
  await quiet.sandbox.waitFor({ distinct: 1 });
  const redis = new Redis(quiet.redis.url);
  const key = (await redis.keys('*:dlv_*')).find((name) => !name.endsWith(':lock')) ?? '';
  expect(JSON.parse((await redis.hget(key, 'opts')) ?? '')).toMatchObject({ connection: 'demo-shopify' });
  expect(JSON.parse((await redis.hget(key, 'opts')) ?? '')).not.toHaveProperty('trace');
  redis.disconnect();
  await quiet.stop();
  expect(collector.bodies).toHaveLength(before);
});

test('the documented command installs the tested versions', () => {
  const read = (file: string) => readFileSync(`${repository}${file}`, 'utf8');
  const { peerDependencies, devDependencies } = JSON.parse(read('libs/observability/package.json'));
  const packages = Object.entries<string>(peerDependencies).map(([name, version]) => `${name}@${version}`);
  expect(devDependencies).toMatchObject(peerDependencies);
  for (const file of ['docs/how-to/enable-tracing.md', 'deploy/Dockerfile']) {
    const named = read(file).match(/@opentelemetry\/[\w-]+@[\d.]+/g) ?? [];
    expect([...new Set(named)].sort(), file).toEqual(packages.sort());
  }
});
