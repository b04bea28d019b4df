import { createConnections } from '@sluice/config';
import { Registry } from '@sluice/observability';
import type { EnqueueRejection } from '@sluice/queue';
import { expect, test } from 'vitest';
import { createIngestMetrics } from './ingest-metrics.ts';
import type { IngestResult } from './ingest-result.ts';
import { shopify } from './test-support/signed-orders.ts';
import { testConnection } from './test-support/test-ingest.ts';

const slow = { ...shopify, name: 'slow', answerWithin: 1_000 };
const acme = testConnection('acme');
const slowly = testConnection('slowly', slow);
const DELIVERIES = [{ id: 'dlv_1', duplicate: false }] as const;

/** Metrics, and what they say as Prometheus reads it. */
function createMetrics() {
  const registry = new Registry();
  let refusal: EnqueueRejection | undefined;
  const known = createConnections([acme, slowly]);
  const metrics = createIngestMetrics(registry, {
    memoryRatio: () => undefined,
    refusal: () => refusal,
    connections: () => known,
  });
  const record = (result: IngestResult, seconds: number, connection = acme, ignored = 0) =>
    metrics.record({ result, connection, deliveries: [], ignored }, seconds, 1_790_000_000_000);
  return {
    metrics,
    record,
    refuse: (why: EnqueueRejection | undefined) => {
      refusal = why;
    },
    told: async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('sluice_')),
  };
}

test('answers are judged by the deadline of their platform; what the sender got wrong is not', async () => {
  const { metrics, record, told } = createMetrics();
  record({ kind: 'accepted', deliveries: DELIVERIES }, 5);
  record({ kind: 'accepted', deliveries: DELIVERIES }, 5.001);
  record({ kind: 'duplicate', deliveries: DELIVERIES }, 1, slowly);
  record({ kind: 'ignored' }, 1.5, slowly);
  record({ kind: 'unavailable', reason: 'away', why: 'Redis is away' }, 0.1);
  record({ kind: 'unauthenticated', why: 'signature does not match' }, 20);
  metrics.recordFailure();
  expect(await told()).toEqual(
    expect.arrayContaining([
      'sluice_webhook_verdicts_total{verdict="in_time"} 2',
      'sluice_webhook_verdicts_total{verdict="late"} 2',
      'sluice_webhook_verdicts_total{verdict="refused"} 2',
      'sluice_webhooks_total{source="unknown",result="failed"} 1',
      'sluice_source_deadline_seconds{source="shopify"} 5',
      'sluice_source_deadline_seconds{source="slow"} 1',
    ]),
  );
});

test('a connection is seen when something authentic comes, not when a stranger knocks', async () => {
  const { record, told } = createMetrics();
  record({ kind: 'unauthenticated', why: 'signature does not match' }, 0.1);
  record({ kind: 'ignored' }, 0.1, slowly, 1);
  const lines = await told();
  expect(lines).toContain(
    'sluice_connection_webhooks_total{connection="acme",source="shopify",result="unauthenticated"} 1',
  );
  expect(lines.filter((line) => line.includes('last_webhook'))).toEqual([
    'sluice_connection_last_webhook_timestamp_seconds{connection="slowly",source="slow"} 1790000000',
  ]);
});

test('says while it refuses, and why', async () => {
  const { refuse, told } = createMetrics();
  const refusing = async () => (await told()).filter((line) => line.endsWith(' 1'));
  expect(await refusing()).toEqual(['sluice_source_deadline_seconds{source="slow"} 1']);
  refuse({ reason: 'memory', why: 'Redis is nearly full' });
  expect(await refusing()).toContain('sluice_ingest_refusing{reason="memory"} 1');
  refuse(undefined);
  expect(await told()).toContain('sluice_ingest_refusing{reason="memory"} 0');
});
