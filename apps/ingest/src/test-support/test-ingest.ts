import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Connection, createConnections, Secret } from '@sluice/config';
import type { SourceDefinition } from '@sluice/events';
import { createLogger, Registry, toHealth } from '@sluice/observability';
import { BacklogPriority, openProducer, type Producer, type ProducerOptions } from '@sluice/queue';
import { createIngestServer } from '../create-ingest-server.ts';
import { InFlight } from '../in-flight.ts';
import { createIngestMetrics } from '../ingest-metrics.ts';
import { SECRET, type SignedWebhook, shopify } from './signed-orders.ts';

export interface TestIngest {
  readonly url: string;
  readonly producer: Producer;
  readonly inFlight: InFlight;
  readonly registry: Registry;
  /** Posts to a connection, `acme` unless said. */
  post(webhook: SignedWebhook, to?: string): Promise<PostAnswer>;
  /** Adds up a counter over the series that have these labels. */
  counted(metric: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  stop(): Promise<void>;
}

export interface PostAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A connection of the tests' secret to a bot of its own. */
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

/** Starts the edge in this process, once its Redis is reached. */
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
  const known = createConnections(connections);
  const handling = {
    connections: known,
    enqueuerFor: () => producer.enqueuer,
    priorities: new BacklogPriority(() => performance.now()),
    inFlight,
    metrics: createIngestMetrics(registry, {
      memoryRatio: () => producer.load()?.memoryRatio,
      refusal: producer.refusal,
      connections: () => known,
    }),
    logger: createLogger('ingest', { level: 'silent', pretty: 'false' }),
    now: Date.now,
  };
  const server = createIngestServer({
    handling: () => handling,
    health: {
      alive: () => ({ ok: true }),
      ready: () => toHealth(producer.refusal()?.why),
      started: () => ({ ok: true }),
    },
    logger: handling.logger,
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
      const answer = await fetch(`${url}/webhooks/${to}`, init);
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    counted: (metric, labels = {}) => addUp(registry, metric, labels),
    async stop() {
      server.close();
      server.closeAllConnections();
      await producer.close();
    },
  };
}

async function addUp(
  registry: Registry,
  metric: string,
  wanted: Readonly<Record<string, string>>,
): Promise<number> {
  const { values = [] } = (await registry.getSingleMetric(metric)?.get()) ?? {};
  return values
    .filter(({ labels }) => Object.entries(wanted).every(([name, value]) => labels[name] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
