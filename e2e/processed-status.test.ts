import { createLedgerReader, openShards, type Shards } from '@sluice/queue';
import {
  compareLedgers,
  openSenderLedger,
  type RunningPipeline,
  runSluice,
  sendLikeAPlatform,
  startPipeline,
} from '@sluice/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { orders } from './shopify-orders.ts';

/** Webhooks become events, the bot fails or ignores some of them, and an operator replays those. */

const ORDERS = 1_000;
const NO_TRIGGER = 'No workflow has a trigger for this event.';
const SOON = { timeout: 60_000, interval: 50 };

let pipeline: RunningPipeline;
let shards: Shards;
const sender = openSenderLedger();

beforeAll(async () => {
  pipeline = await startPipeline({
    env: { SLUICE_STATUS_INTERVAL_MS: '900', SLUICE_KEEP_DELIVERED: '10' },
  });
  const prefix = '{sluice}';
  shards = openShards({ url: pipeline.redis.url, name: 'test', prefix, onError: () => {} });
  await shards.reached;
});

afterAll(async () => {
  await shards.close();
  await pipeline.stop();
});

const readLedger = async () => {
  const { total, holds } = await createLedgerReader(shards).readLedger();
  expect(holds).toBe(true);
  expect(total.delivered).toBe(total.processed + total.awaiting + total.unknown);
  return total;
};

/** Waits until every event has a final status. */
const untilKnown = (accepted: number) =>
  vi.waitUntil(async () => {
    const { pending, awaiting, accepted: counted } = await readLedger();
    return counted === accepted && pending === 0 && awaiting === 0;
  }, SOON);

const sluice = async (...args: readonly string[]) => (await runSluice(args, pipeline.env)).ended;

const metrics = async () => (await fetch(`${pipeline.worker.ready.metricsUrl}/metrics`)).text();

/** Counts the calls of an operation of the API from now on. */
async function countCalls(operation: 'listEvents' | 'getEvent') {
  const { id } = await pipeline.sandbox.addFault({ kind: 'latency', ms: 0, match: { operation } });
  return async () => (await pipeline.sandbox.faults()).find((fault) => fault.id === id)?.hits ?? 0;
}

test('events that the bot fails or ignores become dead letters, and a confirmed replay delivers them', {
  timeout: 180_000,
}, async () => {
  const lists = await countCalls('listEvents');
  const gets = await countCalls('getEvent');
  await pipeline.sandbox.addStatusRule({ status: 'failed', failureReason: NO_TRIGGER, every: 20, times: 50 });
  await pipeline.sandbox.addStatusRule({ status: 'ignored', every: 19, times: 50 });
  const url = () => pipeline.webhookUrl();
  await sendLikeAPlatform(orders(ORDERS), { url, concurrency: 20, ledger: sender });
  await untilKnown(ORDERS);
  expect(await readLedger()).toMatchObject({
    ...{ accepted: ORDERS, delivered: 900, processed: 900, unknown: 0 },
    ...{ dead: 100, botFailed: 50, botIgnored: 50, expired: 0, resent: 0 },
  });
  const calls = { lists: await lists(), gets: await gets() };
  process.stdout.write(`calls for ${ORDERS} events: ${JSON.stringify(calls)}\n`);
  expect(calls.gets).toBe(0);
  expect(calls.lists).toBeLessThan(60);

  const { groups } = JSON.parse((await sluice('dead-letters', 'groups', '--json')).stdout);
  expect(groups).toMatchObject([
    {
      count: 50,
      example: { death: { reason: expect.stringMatching(/^bot_/), origin: { event: 'newOrderCreated' } } },
    },
    { count: 50 },
  ]);
  const shown = await sluice('dead-letters', 'show', groups.find(isFailed).example.id);
  expect(shown.stdout).toContain(`failure     bot_failed: ${NO_TRIGGER}`);
  expect(shown.stdout).toMatch(/event id {4}evt_/);
  expect(shown.stdout).toContain('No workflow of the bot has a trigger for this event.');
  const text = await metrics();
  const of = 'connection="demo-shopify",source="shopify"';
  expect(text).toContain(`sluice_connection_event_statuses_total{${of},status="processed"} 900`);
  expect(text).toContain(`sluice_connection_event_statuses_total{${of},status="failed"} 50`);
  expect(text).toContain(`sluice_connection_event_statuses_total{${of},status="ignored"} 50`);
  expect(text).toContain('sluice_event_processed_seconds_count{source="shopify"} 900');

  const refused = await sluice('replay', 'run', '--all', '--yes');
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Pass --second-events to confirm.'),
  });
  const replayed = await sluice('replay', 'run', '--all', '--second-events');
  expect(replayed.stdout).toContain('100 of 100 requeued, 100 delivered');
  await untilKnown(ORDERS);
  expect(await readLedger()).toMatchObject({
    ...{ accepted: ORDERS, delivered: ORDERS, processed: ORDERS, dead: 0 },
    ...{ replayed: 100, resent: 100, botFailed: 50, botIgnored: 50 },
  });
  const { resent } = await readLedger();
  expect(await compareLedgers(sender, pipeline.sandbox, { ...DRAINED, resent })).toMatchObject({
    lost: [],
    extra: 0,
  });
  const ledger = await sluice('ledger');
  expect(ledger.stdout).toContain('In the bot: 1,000 delivered = 1,000 processed + 0 awaiting + 0 unknown');
  // Bodies above SLUICE_KEEP_DELIVERED are deleted once their status is known.
  const completed = () => shards.all()[0]?.redis.zcard('{sluice}:deliveries:completed');
  await vi.waitUntil(async () => (await completed()) === 10, SOON);
});

const DRAINED = { dead: new Set<string>(), pending: new Set<string>() };

const isFailed = ({ example }: { example: { death: { reason: string } } }) =>
  example.death.reason === 'bot_failed';
