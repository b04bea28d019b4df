import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Connection, createConnections, Secret } from '@sluice/config';
import type { SourceDefinition } from '@sluice/events';
import { createLogger, Registry, toHealth } from '@sluice/observability';
import { BacklogPriority } from '@sluice/queue';
import { openProducer, type Producer, type ProducerOptions } from '@sluice/queue/testing';
import { InFlight } from '../in-flight.ts';
import { createIngestMetrics } from '../ingest-metrics.ts';
import { createIngestServer } from '../ingest-server.ts';
import { SECRET, type SignedWebhook, shopify } from './signed-orders.ts';

export interface TestIngest {
  readonly url: string;
  readonly producer: Producer;
  readonly inFlight: InFlight;
  readonly registry: Registry;
  /** Posts to a connection, by default `acme`. */
  post(webhook: SignedWebhook, to?: string): Promise<PostResponse>;
  /** Returns the sum of a counter over the series with these labels. */
  sumOf(metric: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  stop(): Promise<void>;
}

export interface PostResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Creates a connection with the test secret. */
export function testConnection(
  id: string,
  source: SourceDefinition = shopify,
  more: Partial<Connection> = {},
): Connection {
  return {
    id,
    source,
    secrets: [new Secret(SECRET)],
    settings: { shopName: 'acme' },
    events: new Map(shopify.events.map((event) => [String(event.topic), event])),
    botpress: { botId: 'bot', token: new Secret('token') },
    limits: { eventsPerMinute: 600, share: 1 },
    retry: { for: 86_400_000, reconcile: true },
    onInvalid: 'quarantine',
    ...more,
  };
}

/** Starts ingest in this process and waits until Redis is reached. */
export async function startTestIngest(
  redisUrl: string,
  connections: readonly Connection[] = [testConnection('acme')],
  options: Partial<ProducerOptions> = {},
): Promise<TestIngest> {
  const producer = openProducer({
    redisUrl,
    prefix: '{sluice}',
    deadline: 300,
    maxPending: 100,
    maxPendingBytes: 1e7,
    maxBacklog: 1_000_000,
    memoryWatermarkPercent: 85,
    onShedding: () => {},
    onError: () => {},
    ...options,
  });
  await producer.reached;
  const registry = new Registry();
  const inFlight = new InFlight(50, 5_000_000);
  const configured = createConnections(connections);
  const dependencies = {
    connections: configured,
    enqueuerFor: () => producer.enqueuer,
    priorities: new BacklogPriority(() => performance.now()),
    inFlight,
    metrics: createIngestMetrics(registry, {
      memoryRatio: () => producer.load()?.memoryRatio,
      refusal: producer.refusal,
      connections: () => configured,
    }),
    logger: createLogger('ingest', { level: 'silent', pretty: 'false' }),
    now: Date.now,
  };
  const server = createIngestServer({
    dependencies: () => dependencies,
    health: {
      alive: () => ({ ok: true }),
      ready: () => toHealth(producer.refusal()?.why),
      started: () => ({ ok: true }),
    },
    logger: dependencies.logger,
    headersTimeout: 500,
    requestTimeout: 1_000,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    producer,
    inFlight,
    registry,
    async post(webhook, to = 'acme') {
      const init = { method: 'POST', ...webhook, redirect: 'manual' } as RequestInit;
      const response = await fetch(`${url}/webhooks/${to}`, init);
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    sumOf: (metric, labels = {}) => sumOf(registry, metric, labels),
    async stop() {
      server.close();
      server.closeAllConnections();
      await producer.close();
    },
  };
}

async function sumOf(
  registry: Registry,
  metric: string,
  wanted: Readonly<Record<string, string>>,
): Promise<number> {
  const { values = [] } = (await registry.getSingleMetric(metric)?.get()) ?? {};
  return values
    .filter(({ labels }) => Object.entries(wanted).every(([name, value]) => labels[name] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
