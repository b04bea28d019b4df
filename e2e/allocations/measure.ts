import { getHeapStatistics } from 'node:v8';
import { type Connection, loadConnections } from '@sluice/config';
import {
  parseWebhook,
  prepareEvent,
  type UnverifiedWebhook,
  unpackWebhook,
  validateDelivery,
  verifyWebhook,
} from '@sluice/events';

// Program of `e2e/allocations.test.ts`: prints the heap bytes per event of each source as JSON.

/** Fixed, because signatures have a timestamp. */
const NOW = 1_790_000_000_000;
/** Iterations for warm-up, and for the measurement, which fit in the heap together. */
const WARM = 50;
const TIMES = 1_000;

/** Processes a webhook like ingest and worker, without network access. Returns the number of events. */
function work({ id, source, secrets, settings, events }: Connection, webhook: UnverifiedWebhook): number {
  const credentials = { secrets: secrets.map((secret) => secret.reveal()), settings };
  const verification = verifyWebhook(source, webhook, credentials);
  if (!verification.ok) throw new Error(verification.why);
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  const { deliveries } = unpackWebhook(source, { id, settings, events }, parsing.parsed);
  for (const unpacked of deliveries) {
    const issues = validateDelivery(unpacked);
    const prepared = prepareEvent({ source, settings, events }, unpacked.delivery);
    if (issues.length > 0 || prepared.kind !== 'ready') throw new Error(`${source.name}: no event`);
  }
  return deliveries.length;
}

/** Returns the heap growth. No garbage collection runs, so it equals the allocations. */
function bytesOf(connection: Connection, webhook: UnverifiedWebhook): number {
  for (let time = 0; time < WARM; time++) work(connection, webhook);
  globalThis.gc?.();
  const before = getHeapStatistics().used_heap_size;
  for (let time = 0; time < TIMES; time++) work(connection, webhook);
  return Math.round((getHeapStatistics().used_heap_size - before) / TIMES);
}

/** Returns the first sample of the source that becomes one event. */
function sampleOf(connection: Connection): UnverifiedWebhook {
  const { source, settings, secrets } = connection;
  const { samples } = source;
  if (!samples) throw new Error(`${source.name} has no samples`);
  const webhooks = samples.topics.map((topic) => {
    const request = samples.compose(topic, { number: 1, now: NOW, settings });
    const { headers, body } = samples.sign(request, secrets[0]?.reveal() ?? '');
    return { headers, body: Buffer.from(body), receivedAt: NOW };
  });
  const found = webhooks.find((webhook) => work(connection, webhook) === 1);
  if (!found) throw new Error(`no sample of ${source.name} becomes an event`);
  return found;
}

const all = loadConnections(process.argv[2] ?? '').all();
const bytes = all.map((connection) => [connection.source.name, bytesOf(connection, sampleOf(connection))]);
process.stdout.write(JSON.stringify(Object.fromEntries(bytes)));
