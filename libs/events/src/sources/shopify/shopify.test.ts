import { readSharedFixtures } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import type { Delivery } from '../../delivery/delivery.ts';
import { mapDelivery } from '../../pipeline/prepare-event.ts';
import { verifyWebhook } from '../../pipeline/receive-webhook.ts';
import { composeOrder } from './order-samples.ts';
import { shopify } from './shopify.ts';
import { eventOf, receive, settings } from './test-support/receive.ts';

const payloadOf = (order: unknown) => eventOf('orders/create', order).payload;

const keyOf = (headers: Record<string, string>, body = '{}') =>
  receive(body, headers).deliveries.map(({ delivery }: { delivery: Delivery }) => delivery.idempotencyKey)[0];

describe('newOrderCreated', () => {
  const order = composeOrder(1, 1_790_000_000_000, 'acme.myshopify.com');

  test('has the fields of the documented example except type, the exact id, and a summary', () => {
    expect(payloadOf(order)).toEqual({
      order_id: order.id,
      order_gid: order.admin_graphql_api_id,
      shopName: 'acme',
      name: '#1001',
      customer_name: 'Jörg Weiß',
      email: 'customer-1@example.com',
      item_count: 3,
      item_summary: '1 × Enamel mug, 1 × Wool socks, 1 × Field notebook, set of three',
      confirmation_number: 'SLUICE0001',
      created_at: order.created_at,
      currency: 'EUR',
      current_subtotal_price: order.current_subtotal_price,
      current_total_discounts: '0.00',
      current_total_price: order.current_total_price,
      current_total_tax: order.current_total_tax,
      customer_locale: 'de-DE',
      order_status_url: order.order_status_url,
      fullBody: order,
      deliveryId: expect.stringMatching(/^dlv_/),
    });
  });

  test('omits null and absent fields', () => {
    const bare = {
      id: 1,
      created_at: '2026-01-01T00:00:00Z',
      confirmation_number: null,
      customer_locale: null,
    };
    const { fullBody, ...payload } = payloadOf(bare);
    expect(Object.keys(payload)).toEqual(['order_id', 'shopName', 'created_at', 'deliveryId']);
    expect(fullBody).toEqual(bare);
  });

  test('keeps the exact id if the number is rounded', () => {
    const [unpacked] = receive(
      '{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","created_at":"2026-01-01"}',
    ).deliveries;
    if (!unpacked) throw new Error('ignored');
    expect(unpacked.delivery.body).toContain('"id":820982911946154508,');
    expect(mapDelivery(unpacked.event, unpacked.delivery, settings)).toMatchObject({
      event: { payload: { order_gid: 'gid://shopify/Order/820982911946154508' } },
    });
  });

  // The documented example assigned the topic with `=`, so every webhook became an order.
  test.each(['orders/created', 'products/create', '', 'ORDERS/CREATE', 'orders', '__proto__'])(
    'is not created from the topic %j',
    (topic) => {
      expect(receive(JSON.stringify(order), { 'x-shopify-topic': topic })).toMatchObject({
        deliveries: [],
        compliance: [],
        ignored: 1,
        ignoredBy: { topic: 1 },
      });
    },
  );
});

describe('the idempotency key of Shopify', () => {
  const event = {
    'x-shopify-shop-domain': 'a.myshopify.com',
    'x-shopify-event-id': 'e1',
    'x-shopify-webhook-id': 'w1',
  };

  test('is the same for a resend with another webhook id', () => {
    expect(keyOf({ ...event, 'x-shopify-webhook-id': 'w2' })).toBe(keyOf(event));
  });

  test.each([
    ['shop', { 'x-shopify-shop-domain': 'b.myshopify.com' }],
    ['event', { 'x-shopify-event-id': 'e2' }],
  ])('differs by %s', (_name, change) => {
    expect(keyOf({ ...event, ...change })).not.toBe(keyOf(event));
  });

  const updated = (at: string, headers = event) =>
    keyOf({ ...headers, 'x-shopify-topic': 'orders/updated' }, `{"id":1,"updated_at":"${at}"}`);

  test('of orders/updated differs by updated_at, because one action may update twice', () => {
    expect(updated('2026-01-01T00:00:00Z')).toBe(updated('2026-01-01T00:00:00Z'));
    expect(updated('2026-01-01T00:00:00Z')).not.toBe(updated('2026-01-01T00:00:01Z'));
  });

  test.each(['null', '[]', '7', '"updated_at"', '{}', '{"updated_at":7}'])(
    'of orders/updated exists for the body %s',
    (body) => {
      expect(keyOf({ ...event, 'x-shopify-topic': 'orders/updated' }, body)).toContain('e1');
    },
  );

  test('falls back to the webhook id, then to a hash of the body', () => {
    const { 'x-shopify-event-id': _, ...older } = event;
    expect(keyOf(older)).not.toBe(keyOf({ ...older, 'x-shopify-webhook-id': 'w2' }));
    expect(keyOf({}, '{"id":1}')).toBe(keyOf({}, '{"id":1}'));
    expect(keyOf({}, '{"id":1}')).not.toBe(keyOf({}, '{"id":2}'));
  });
});

test('unpackShopify reads the newer header names', () => {
  const [unpacked] = receive('{"id":1,"created_at":"2026-01-01"}', {
    'x-shopify-topic': undefined as unknown as string,
    'shopify-topic': 'orders/create',
    'shopify-triggered-at': '2026-08-07T22:57:57.290670248Z',
  }).deliveries;
  expect(unpacked?.delivery).toMatchObject({
    topic: 'orders/create',
    occurredAt: Date.parse('2026-08-07T22:57:57.290Z'),
  });
});

describe('the account of Shopify', () => {
  const ofWebhook = (headers: Record<string, string>) =>
    shopify.account?.ofWebhook({ headers, body: Buffer.alloc(0), receivedAt: 0 });

  test('is the shop in the header, in lower case', () => {
    expect(ofWebhook({ 'x-shopify-shop-domain': 'ACME.myshopify.com' })).toBe('acme.myshopify.com');
    expect(ofWebhook({ 'shopify-shop-domain': 'acme.myshopify.com' })).toBe('acme.myshopify.com');
    expect(ofWebhook({})).toBeUndefined();
  });

  test('is the shopDomain of the settings, never derived from shopName', () => {
    const ofSettings = (input: object) => shopify.account?.ofSettings(shopify.settings.parse(input));
    expect(ofSettings({ shopName: 'acme' })).toBeUndefined();
    expect(ofSettings({ shopName: 'Acme', shopDomain: 'Acme.MyShopify.com' })).toBe('acme.myshopify.com');
  });

  test.each([
    'acme',
    'acme.example.com',
    'https://acme.myshopify.com',
    'a b.myshopify.com',
    '.myshopify.com',
  ])('cannot be the shopDomain %j', (shopDomain) => {
    expect(shopify.settings.safeParse({ shopName: 'acme', shopDomain }).success).toBe(false);
  });
});

interface Vectors {
  readonly vectors: readonly { secret: string; body: string; headers: Record<string, string> }[];
}

const published = readSharedFixtures('signatures', /^shopify/);
test.skipIf(published.length === 0)('verifyShopify accepts the published test vector', () => {
  for (const { json } of published) {
    for (const { secret, body, headers } of (json as Vectors).vectors) {
      const lower = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const webhook = { headers: lower, body: Buffer.from(body), receivedAt: 0 };
      expect(verifyWebhook(shopify, webhook, { secrets: [secret], settings })).toMatchObject({ ok: true });
      expect(verifyWebhook(shopify, webhook, { secrets: ['x'], settings })).toMatchObject({ ok: false });
    }
  }
});
