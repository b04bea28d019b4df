import { readSharedFixtures } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import { validateDelivery } from '../../pipeline/receive-webhook.ts';
import { composeShop } from './app-events.ts';
import { composeOrder } from './order-samples.ts';
import { shopify } from './shopify.ts';
import { eventOf, receive } from './test-support/receive.ts';

const order = composeOrder(1, 1_790_000_000_000, 'acme.myshopify.com');

test('each Shopify topic becomes its event', () => {
  expect(Object.fromEntries(shopify.events.map(({ topic, name }) => [topic, name]))).toEqual({
    'orders/create': 'newOrderCreated',
    'orders/updated': 'orderUpdated',
    'orders/paid': 'orderPaid',
    'orders/cancelled': 'orderCancelled',
    'orders/fulfilled': 'orderFulfilled',
    'orders/partially_fulfilled': 'orderPartiallyFulfilled',
    'orders/delete': 'orderDeleted',
    'orders/edited': 'orderEdited',
    'refunds/create': 'refundCreated',
    'app/uninstalled': 'appUninstalled',
  });
});

describe.each([
  ['orders/updated', 'orderUpdated'],
  ['orders/paid', 'orderPaid'],
  ['orders/cancelled', 'orderCancelled'],
  ['orders/fulfilled', 'orderFulfilled'],
  ['orders/partially_fulfilled', 'orderPartiallyFulfilled'],
])('the event of %s', (topic, name) => {
  test('has the fields of newOrderCreated and the status of the order', () => {
    const at = '2026-08-01T10:00:00Z';
    const orderStatus = {
      updated_at: at,
      financial_status: 'voided',
      fulfillment_status: 'partial',
      cancelled_at: at,
      cancel_reason: 'customer',
      closed_at: at,
    };
    const changed = { ...order, ...orderStatus };
    const { type, payload } = eventOf(topic, changed);
    const { type: _, deliveryId: __, ...created } = eventOf('orders/create', changed).payload;
    expect(type).toBe(name);
    expect(payload).toEqual({
      ...created,
      ...orderStatus,
      deliveryId: expect.stringMatching(/^dlv_/),
    });
  });

  test('accepts an order with only an id', () => {
    expect(eventOf(topic, { id: 1 }).payload).toEqual({
      order_id: 1,
      shopName: 'acme',
      fullBody: { id: 1 },
      deliveryId: expect.any(String),
    });
  });
});

test('orderDeleted has the id, and the exact id unless the number is rounded', () => {
  expect(eventOf('orders/delete', { id: 5600000000001 }).payload).toEqual({
    order_id: 5600000000001,
    order_gid: 'gid://shopify/Order/5600000000001',
    shopName: 'acme',
    fullBody: { id: 5600000000001 },
    deliveryId: expect.any(String),
  });
  const [rounded] = receive('{"id":820982911946154508}', { 'x-shopify-topic': 'orders/delete' }).deliveries;
  expect(rounded?.delivery.body).toBe('{"id":820982911946154508}');
  expect(eventOf('orders/delete', { id: 2 ** 60 }).payload).not.toHaveProperty('order_gid');
});

test('orderEdited has the ids of order and edit, and the staff note', () => {
  const order_edit = {
    id: 7,
    order_id: 5600000000001,
    created_at: 'a',
    committed_at: 'b',
    notify_customer: false,
    staff_note: '',
    user_id: null,
  };
  expect(eventOf('orders/edited', { order_edit }).payload).toEqual({
    order_id: 5600000000001,
    order_gid: 'gid://shopify/Order/5600000000001',
    order_edit_id: 7,
    shopName: 'acme',
    created_at: 'a',
    committed_at: 'b',
    notify_customer: false,
    staff_note: '',
    fullBody: { order_edit },
    deliveryId: expect.any(String),
  });
});

test('refundCreated has the ids of refund and order, the note, and no nulls', () => {
  const refund = {
    id: 920000000001,
    order_id: 5600000000001,
    admin_graphql_api_id: 'gid://shopify/Refund/920000000001',
    created_at: 'a',
    processed_at: null,
    note: 'Arrived damaged',
    restock: false,
    transactions: [{ kind: 'refund', status: 'success', amount: '24.50', currency: null }],
  };
  expect(eventOf('refunds/create', refund).payload).toEqual({
    refund_id: 920000000001,
    refund_gid: 'gid://shopify/Refund/920000000001',
    order_id: 5600000000001,
    order_gid: 'gid://shopify/Order/5600000000001',
    shopName: 'acme',
    created_at: 'a',
    note: 'Arrived damaged',
    restock: false,
    fullBody: refund,
    deliveryId: expect.any(String),
  });
  expect(eventOf('refunds/create', { id: 7, order_id: 2 ** 60 }).payload).toEqual({
    refund_id: 7,
    order_id: 2 ** 60,
    shopName: 'acme',
    fullBody: { id: 7, order_id: 2 ** 60 },
    deliveryId: expect.any(String),
  });
});

test('appUninstalled has the shop domain from the header if the body lacks it', () => {
  const shop = composeShop(1, 1_790_000_000_000, 'acme.myshopify.com');
  const { payload } = eventOf('app/uninstalled', shop);
  expect(payload).toMatchObject({ shop_id: shop.id, shop_domain: 'acme.myshopify.com', plan_name: 'basic' });
  const headers = { 'x-shopify-shop-domain': 'other.myshopify.com' };
  const bare = eventOf('app/uninstalled', { id: 1, myshopify_domain: null }, headers).payload;
  expect(bare).toMatchObject({ shop_id: 1, shop_domain: 'other.myshopify.com', shopName: 'acme' });
});

test.each(shopify.events.map(({ topic }) => String(topic)))('%s of any shape has issues or maps', (topic) => {
  for (const body of ['null', '[]', '7', '""', '{}', '{"id":"x"}', '{"order_edit":null}', '{"id":null}']) {
    const [unpacked] = receive(body, { 'x-shopify-topic': topic }).deliveries;
    if (!unpacked) throw new Error('ignored');
    expect(Array.isArray(validateDelivery(unpacked))).toBe(true);
  }
});

/** Captured payloads: file, topic (for files without headers, the topic of their kind), event. */
const expected = [
  ['app-uninstalled.2024-10.capture.json', 'app/uninstalled', 'appUninstalled'],
  ['customers-data_request.2026-04.docs.json', 'customers/data_request', undefined],
  ['order.eur-null-customer.2026-07.json', 'orders/create', 'newOrderCreated'],
  ['order.null-customer-3-lines.2026-07.json', 'orders/create', 'newOrderCreated'],
  ['order.null-customer.2026-07.json', 'orders/create', 'newOrderCreated'],
  ['order.with-customer.2026-07.json', 'orders/create', 'newOrderCreated'],
  ['orders-cancelled.2024-10.capture.json', 'orders/cancelled', 'orderCancelled'],
  ['orders-create.2023-01.capture.json', 'orders/create', 'newOrderCreated'],
  ['orders-create.2024-10.capture.json', 'orders/create', 'newOrderCreated'],
  ['orders-create.2026-04.docs.json', 'orders/create', 'newOrderCreated'],
  ['orders-edited.2024-10.capture.json', 'orders/edited', 'orderEdited'],
  ['orders-updated.2024-10.capture.json', 'orders/updated', 'orderUpdated'],
  ['orders.2023-10.anon1.json', 'orders/create', 'newOrderCreated'],
  ['orders.2024-04.anon1.json', 'orders/create', 'newOrderCreated'],
  ['shop-redact.2026-04.docs.json', 'shop/redact', undefined],
] as const;

const shared = readSharedFixtures('shopify');

describe.skipIf(shared.length === 0)('captured Shopify payloads', () => {
  test.each(expected)('%s has the topic %s and becomes %s', (file, topic, name) => {
    const json = shared.find((fixture) => fixture.name === file)?.json as {
      readonly headers?: Record<string, string>;
      readonly body?: unknown;
      readonly response?: unknown;
    };
    const body = json.body ?? json.response ?? json;
    const headers = { 'x-shopify-topic': topic, ...json.headers };
    expect(headers['x-shopify-topic']).toBe(topic);
    const { deliveries, compliance, ignored } = receive(JSON.stringify(body), headers);
    expect(ignored).toBe(0);
    expect([...deliveries, ...compliance].flatMap(validateDelivery)).toEqual([]);
    if (name === undefined) {
      expect([deliveries.length, compliance.length]).toEqual([0, 1]);
      return;
    }
    const event = eventOf(topic, body, headers);
    expect([compliance.length, event.type]).toEqual([0, name]);
    expect(event.payload).toMatchObject({ shopName: 'acme', fullBody: body });
    expect(Object.values(event.payload)).not.toContain(null);
  });

  test('every captured order maps under every order topic', () => {
    const orders = shared.filter(({ name }) => /^orders?[.-](?!edited)/.test(name));
    expect(orders.length).toBeGreaterThanOrEqual(11);
    for (const { name, json } of orders) {
      const { body, response } = json as { body?: unknown; response?: unknown };
      for (const topic of ['create', 'updated', 'paid', 'cancelled', 'fulfilled', 'partially_fulfilled']) {
        const { payload } = eventOf(`orders/${topic}`, body ?? response ?? json);
        expect(Object.values(payload), `${name} ${topic}`).not.toContain(null);
      }
    }
  });
});
