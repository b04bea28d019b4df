import { type Connection, createConnections, Secret } from '@sluice/config';
import {
  createSourceRegistry,
  type ErasurePredicate,
  findCompliance,
  type SourceDefinition,
} from '@sluice/events';
import type { Logger } from '@sluice/observability';
import type { Erasure } from '@sluice/queue';
import type { ErasureRequest } from '@sluice/queue/testing';
import { makeDelivery } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import { createComplianceAudit, createComplianceHandler } from './compliance.ts';

const NOW = 1_790_000_000_000;
const SHOP = 'acme.myshopify.com';
const shopify = createSourceRegistry().get('shopify') as SourceDefinition;

const connection = (id: string, secret: string, source = shopify): Connection => ({
  id,
  source,
  secrets: [new Secret(secret), new Secret(`${id}-old`)],
  settings: { shopName: 'acme' },
  events: new Map(),
  botpress: { botId: 'bot', token: new Secret('token') },
  limits: { eventsPerMinute: 600, share: 1 },
  retry: { for: 86_400_000, reconcile: true },
  onInvalid: 'quarantine',
});

const connections = createConnections([
  connection('acme-orders', 'app-secret'),
  connection('acme-returns', 'app-secret'),
  connection('stranger', 'other-secret'),
  connection('lookalike', 'app-secret', { ...shopify, name: 'lookalike' }),
]);

const nothing: Erasure = { pending: 0, delivered: 0, dead: 0, inFlight: 0 };

/** Creates a handler on a fixed clock whose erasure passes return the given results. Records requests and audit lines. */
function createHandler(...passes: (Partial<Erasure> | Promise<Erasure>)[]) {
  const asked: ErasureRequest[] = [];
  const lines: Record<string, unknown>[] = [];
  const info = (fields: object, msg: string) => void lines.push({ ...fields, msg });
  const comply = createComplianceHandler({
    eraser: {
      erase: async (request) => {
        asked.push(request);
        return { ...nothing, ...(await passes[asked.length - 1]) };
      },
    },
    audit: createComplianceAudit({ child: () => ({ info }) } as unknown as Logger),
    now: () => NOW,
    random: () => 0.5,
  });
  const request = (topic: string, body: object, changes: object = {}) => {
    const definition = findCompliance(shopify, topic);
    const own = connections.get('acme-orders');
    if (!definition || !own) throw new Error(`no ${topic}`);
    const delivery = makeDelivery({ id: 'dlv_request', topic, body: JSON.stringify(body), ...changes });
    return comply({ definition, delivery, connection: own, connections });
  };
  return { request, asked, lines };
}

const shopRedact = { shop_id: 1, shop_domain: SHOP };
const customer = { id: 191167, email: 'ada@example.com', phone: '+351900000001' };

test('erases once, writes one audit line and completes', async () => {
  const { request, asked, lines } = createHandler({ pending: 1, delivered: 2, dead: 4 });
  expect(await request('shop/redact', shopRedact)).toEqual({ kind: 'erased', removed: 7 });
  expect(asked).toMatchObject([{ request: 'dlv_request' }]);
  expect(lines).toEqual([
    {
      msg: 'audit',
      action: 'erase',
      source: 'shopify',
      connection: 'acme-orders',
      topic: 'shop/redact',
      account: SHOP,
      removed: 7,
      pending: 1,
      delivered: 2,
      dead: 4,
      inFlight: 0,
      complete: true,
      deliveryId: 'dlv_request',
      at: '2026-09-21T14:13:20.000Z',
    },
  ]);
});

test('the audit line of a customer erasure names the shop, not the customer', async () => {
  const { request, lines } = createHandler({ dead: 1 });
  await request('customers/redact', { shop_domain: SHOP, customer, orders_to_redact: [299938] });
  await request('customers/data_request', { shop_domain: SHOP, customer, orders_requested: [299938] });
  expect(lines.map(({ action, account }) => [action, account])).toEqual([
    ['erase', SHOP],
    ['record', SHOP],
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/191167|ada@|351900000001|299938/);
});

test('records a data request without erasing anything', async () => {
  const { request, asked, lines } = createHandler();
  expect(await request('customers/data_request', { shop_domain: SHOP, customer })).toEqual({
    kind: 'recorded',
  });
  expect([asked.length, lines.length]).toEqual([0, 1]);
});

describe('an erasure is retried', () => {
  test('after it met deliveries in flight', async () => {
    const { request, lines } = createHandler({ delivered: 1, inFlight: 2 });
    expect(await request('shop/redact', shopRedact)).toEqual({
      kind: 'retry',
      after: 15_000,
      cause: 'compliance',
      reason: '2 deliveries in flight',
    });
    expect(lines).toMatchObject([{ removed: 1, inFlight: 2, complete: false }]);
  });

  test('after Redis interrupted it, and reports what it had removed', async () => {
    const { request, lines } = createHandler({ dead: 3, interrupted: 'Connection is closed.' });
    expect(await request('shop/redact', shopRedact)).toEqual({
      kind: 'retry',
      after: 30_000,
      cause: 'compliance',
      reason: 'interrupted: Connection is closed.',
    });
    expect(lines).toMatchObject([{ removed: 3, complete: false }]);
  });

  test('while another erasure runs in the process', async () => {
    let finish = (_erasure: Erasure) => {};
    const running = new Promise<Erasure>((resolve) => {
      finish = resolve;
    });
    const { request, asked, lines } = createHandler(running);
    const first = request('shop/redact', shopRedact);
    expect(await request('shop/redact', shopRedact)).toEqual({ kind: 'paced', until: NOW + 3_000 });
    finish(nothing);
    expect(await first).toEqual({ kind: 'erased', removed: 0 });
    expect(await request('shop/redact', shopRedact)).toEqual({ kind: 'erased', removed: 0 });
    expect([asked.length, lines.length]).toEqual([2, 2]);
  });
});

test.each([
  ['no shop', 'shop/redact', {}],
  ['a customer payload on a shop topic', 'shop/redact', { ...shopRedact, customer }],
])('a request with %s becomes a dead letter and erases nothing', async (_name, topic, body) => {
  const { request, asked, lines } = createHandler();
  const outcome = await request(topic, body);
  expect(outcome).toMatchObject({ kind: 'dead', reason: 'invalid_input' });
  expect(JSON.stringify(outcome)).not.toContain('ada@');
  expect([asked, lines]).toEqual([[], []]);
});

test.each([
  ['its own connection', 'acme-orders', true],
  ['another connection of the same app', 'acme-returns', true],
  ['one with another secret that claims the same shop', 'stranger', false],
  ['one of another source', 'lookalike', false],
  ['one that was removed', 'gone', false],
])('an erasure of the shop reaches %s (%s): %s', async (_name, id, expected) => {
  const { request, asked } = createHandler({});
  await request('shop/redact', shopRedact);
  const concerns = asked[0]?.concerns as ErasurePredicate;
  const headers = { 'x-shopify-shop-domain': SHOP };
  expect(concerns(makeDelivery({ connection: id, headers }))).toBe(expected);
});
