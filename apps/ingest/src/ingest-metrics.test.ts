import { createConnections } from '@sluice/config';
import { Registry } from '@sluice/observability';
import type { EnqueueRejection } from '@sluice/queue';
import { expect, test } from 'vitest';
import { createIngestMetrics } from './ingest-metrics.ts';
import type { IngestResult } from './ingest-webhook.ts';
import { shopify } from './test-support/signed-orders.ts';
import { testConnection } from './test-support/test-ingest.ts';

const slow = { ...shopify, name: 'slow', answerWithin: 1_000 };
const acme = testConnection('acme');
const slowConnection = testConnection('slow-shop', slow);
const DELIVERIES = [{ id: 'dlv_1', duplicate: false }] as const;

/** Creates metrics, with their lines in the Prometheus text format. */
function createMetrics() {
  const registry = new Registry();
  let refusal: EnqueueRejection | undefined;
  const configured = createConnections([acme, slowConnection]);
  const metrics = createIngestMetrics(registry, {
    memoryRatio: () => undefined,
    refusal: () => refusal,
    connections: () => configured,
  });
  const record = (result: IngestResult, seconds: number, connection = acme, ignored = 0) =>
    metrics.record(
      { result, connection, deliveries: [], ignored, ignoredBy: ignored > 0 ? { unless: ignored } : {} },
      seconds,
      1_790_000_000_000,
    );
  return {
    metrics,
    record,
    refuse: (why: EnqueueRejection | undefined) => {
      refusal = why;
    },
    lines: async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('sluice_')),
  };
}

test('counts responses by the deadline of their platform and excludes 4xx', async () => {
  const { metrics, record, lines } = createMetrics();
  record({ kind: 'accepted', deliveries: DELIVERIES }, 5);
  record({ kind: 'accepted', deliveries: DELIVERIES }, 5.001);
  record({ kind: 'duplicate', deliveries: DELIVERIES }, 1, slowConnection);
  record({ kind: 'ignored' }, 1.5, slowConnection);
  record({ kind: 'unavailable', reason: 'away', why: 'Redis is away' }, 0.1);
  record({ kind: 'unauthenticated', why: 'signature does not match' }, 20);
  metrics.recordFailure();
  expect(await lines()).toEqual(
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

test('sets the time of the last webhook for verified webhooks only', async () => {
  const { record, lines } = createMetrics();
  record({ kind: 'unauthenticated', why: 'signature does not match' }, 0.1);
  record({ kind: 'ignored' }, 0.1, slowConnection, 1);
  const all = await lines();
  expect(all).toContain(
    'sluice_connection_webhooks_total{connection="acme",source="shopify",result="unauthenticated"} 1',
  );
  expect(all.filter((line) => line.includes('last_webhook'))).toEqual([
    'sluice_connection_last_webhook_timestamp_seconds{connection="slow-shop",source="slow"} 1790000000',
  ]);
});

test('reports load shedding with its reason while it lasts', async () => {
  const { refuse, lines } = createMetrics();
  const refusing = async () => (await lines()).filter((line) => line.endsWith(' 1'));
  expect(await refusing()).toEqual(['sluice_source_deadline_seconds{source="slow"} 1']);
  refuse({ reason: 'memory', why: 'Redis is nearly full' });
  expect(await refusing()).toContain('sluice_ingest_refusing{reason="memory"} 1');
  refuse(undefined);
  expect(await lines()).toContain('sluice_ingest_refusing{reason="memory"} 0');
});
