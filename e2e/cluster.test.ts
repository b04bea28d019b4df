import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSourceRegistry, type SampleRequest } from '@sluice/events';
import {
  compareLedgers,
  type RunningCluster,
  type RunningPipeline,
  runSluice,
  sendLikeAPlatform,
  startCluster,
  startPipeline,
  waitUntilCreated,
} from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secretOf, writeConnections } from './faults/connections-file.ts';

/** Four shards on three nodes. The names of these bots distribute them over all shards. */
const SHOPS = ['shop-0', 'shop-1', 'shop-2', 'shop-3', 'shop-4', 'shop-5', 'shop-6', 'shop-7'];
const ORDERS = 800;
/** Two shops that share a bot with this rate limit. */
const SLOW = ['slow-a', 'slow-b'];
const PER_MINUTE = 600;

const samples = createSourceRegistry().get('shopify')?.samples;

let cluster: RunningCluster;
let pipeline: RunningPipeline;
let folder: string;
let number = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-cluster-'));
  const connections = await writeConnections(folder, [
    ...SHOPS.map((id) => ({ id, bot: `bot-of-${id}` })),
    ...SLOW.map((id) => ({ id, bot: 'slow-bot', eventsPerMinute: PER_MINUTE })),
  ]);
  cluster = await startCluster();
  pipeline = await startPipeline({
    env: {
      REDIS_URL: cluster.url,
      SLUICE_SHARDS: '4',
      SLUICE_CONNECTIONS: connections.path,
      SLUICE_API_TIMEOUT_MS: '1000',
      SLUICE_STALLED_INTERVAL_MS: '1000',
      SLUICE_SETTLE_MS: '3000',
    },
  });
});

afterAll(async () => {
  await pipeline.stop();
  await cluster.stop();
  await rm(folder, { recursive: true });
});

interface Order extends SampleRequest {
  readonly shop: string;
}

/** Returns orders of these shops in turn. */
function ordersOf(shops: readonly string[], count: number): Order[] {
  return Array.from({ length: count }, (_, index) => {
    const shop = shops[index % shops.length] as string;
    const occasion = { number: ++number, now: Date.now(), settings: { shopName: shop } };
    const order = samples?.compose('orders/create', occasion);
    if (!samples || !order) throw new Error('shopify has no samples');
    return { ...samples.sign(order, secretOf(shop)), shop };
  });
}

const send = (orders: readonly Order[], onAccepted: (count: number) => void = () => {}) =>
  sendLikeAPlatform(orders, {
    url: ({ shop }) => pipeline.webhookUrl(shop),
    concurrency: 20,
    resendAfter: 100,
    onAccepted,
  });

async function sluice(...args: string[]): Promise<string> {
  const { stdout, stderr, code } = await (await runSluice(args, pipeline.env)).ended;
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return stdout;
}

test('a node killed and restarted under load loses and doubles no event, and the ledger balances', async () => {
  let back = Promise.resolve();
  const ledger = await send(ordersOf(SHOPS, ORDERS), (count) => {
    if (count === 200) back = killAndRestart(1);
  });
  await back;
  await waitUntilCreated(ledger, pipeline.sandbox);
  const comparison = await compareLedgers(ledger, pipeline.sandbox);
  process.stdout.write(`cluster: ${JSON.stringify({ ...comparison, answers: [...ledger.responses] })}\n`);
  expect(comparison).toMatchObject({ accepted: ORDERS, created: ORDERS, lost: [], extra: 0 });
  // The shards of the other nodes kept working; those of this one returned 503.
  expect(ledger.responses.get(503)).toBeGreaterThan(0);
  expect(JSON.parse(await sluice('ledger', '--deep', '--json'))).toMatchObject({ holds: true });
});

test('two connections of one bot stay within its rate limit', async () => {
  const ledger = await send(ordersOf(SLOW, 60));
  await waitUntilCreated(ledger, pipeline.sandbox);
  const calls = await pipeline.sandbox.calls({ botId: 'slow-bot' });
  expect(calls.map(({ status }) => status)).toEqual(calls.map(() => 201));
  // An idle bot gets a twentieth of its limit at once, and the other 30 at 9.5 a second. With two independent
  // schedulers all 60 would be sent at once.
  expect((calls.at(-1)?.at ?? 0) - (calls[0]?.at ?? 0)).toBeGreaterThan(3_000);
});

test('dead letters of several shards are listed, replayed and delivered together', async () => {
  const before = await pipeline.sandbox.ledger();
  await pipeline.sandbox.addFault({ kind: 'error', error: 'InvalidPayload' });
  await send(ordersOf(SHOPS, 80));
  await expect
    .poll(async () => JSON.parse(await sluice('ledger', '--json')).total.dead, { timeout: 30_000 })
    .toBe(80);
  await pipeline.sandbox.clearFaults();
  const { groups } = JSON.parse(await sluice('dead-letters', 'groups', '--json'));
  expect(groups).toHaveLength(SHOPS.length);
  await sluice('replay', 'run', '--all', '--yes');
  await pipeline.sandbox.waitFor({ distinct: before.distinct + 80 });
  expect(await pipeline.sandbox.ledger()).toMatchObject({ doubled: {}, distinct: before.distinct + 80 });
  expect(JSON.parse(await sluice('ledger', '--deep', '--json'))).toMatchObject({
    holds: true,
    total: { dead: 0, replayed: 80 },
  });
});

test('no command spans two slots, and each node has only the keys of its shards', async () => {
  const names = new Map<string, number>();
  for (const [index, { url }] of cluster.nodes.entries()) {
    const node = new Redis(url);
    expect(await node.info('errorstats')).not.toMatch(/CROSSSLOT/);
    for (const key of await node.keys('*')) names.set(/^\{.*?\}/.exec(key)?.[0] ?? key, index);
    node.disconnect();
  }
  expect([...names.keys()].sort()).toEqual(['{sluice-1.u}', '{sluice-2.9}', '{sluice-3.y}', '{sluice}']);
  expect(new Set(names.values()).size).toBe(3);
});

async function killAndRestart(index: number): Promise<void> {
  const node = cluster.nodes[index];
  node?.signal('SIGKILL');
  await node?.exited;
  await node?.restart();
}
