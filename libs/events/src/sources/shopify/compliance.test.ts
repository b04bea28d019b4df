import { describe, expect, test } from 'vitest';
import type { ErasurePredicate } from '../../definitions/define-compliance.ts';
import { findCompliance, readComplianceRequest } from '../../definitions/define-compliance.ts';
import type { SourceDefinition } from '../../definitions/define-source.ts';
import type { Delivery } from '../../delivery/delivery.ts';
import { chooseEvents } from '../../pipeline/choose-events.ts';
import { validateDelivery } from '../../pipeline/receive-webhook.ts';
import { shopify } from './shopify.ts';
import { receive, settings } from './test-support/receive.ts';

const SHOP = 'acme.myshopify.com';
const ada = { id: 191167, email: 'ada@example.com', phone: '+351 900 000 001' };

const deliver = (topic: string, body: unknown, shop: string | undefined = SHOP): Delivery => ({
  id: 'dlv_1',
  connection: 'acme',
  source: 'shopify',
  topic,
  idempotencyKey: 'key',
  receivedAt: 0,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: shop === '' ? {} : { 'x-shopify-shop-domain': shop },
});

function read(topic: string, body: unknown) {
  const definition = findCompliance(shopify as SourceDefinition, topic);
  if (!definition) throw new Error(`no ${topic}`);
  return readComplianceRequest(definition, deliver(topic, body));
}

function concerning(topic: string, body: unknown): ErasurePredicate {
  const reading = read(topic, body);
  if (!reading.ok || reading.action !== 'erase') throw new Error(JSON.stringify(reading));
  return reading.concerns;
}

const TOPICS = ['customers/data_request', 'customers/redact', 'shop/redact'];

describe.each(TOPICS)('a webhook of %s', (topic) => {
  const body = JSON.stringify({ shop_id: 1, shop_domain: SHOP });
  const headers = { 'x-shopify-topic': topic, 'x-shopify-shop-domain': SHOP };

  test('becomes a delivery and no event', () => {
    const { deliveries, compliance, ignored } = receive(body, headers);
    expect([deliveries, ignored]).toEqual([[], 0]);
    expect(compliance).toMatchObject([{ delivery: { topic, body }, compliance: { topic } }]);
    expect(compliance.flatMap(validateDelivery)).toEqual([]);
  });

  test('cannot be switched off', () => {
    expect(chooseEvents(shopify as SourceDefinition, settings, { [topic]: false })).toMatchObject({
      ok: false,
      unknownTopics: [topic],
    });
  });

  test.each(['null', '[]', '7', '{}', '{"shop_domain":""}', '{"shop_domain":7}'])(
    'has issues if the body is %s',
    (other) => {
      const { compliance } = receive(other, headers);
      expect(compliance.flatMap(validateDelivery)).not.toEqual([]);
      expect(read(topic, other)).toMatchObject({ ok: false });
    },
  );
});

test('a data request is recorded with the shop as account', () => {
  const body = { shop_domain: SHOP, customer: ada, orders_requested: [1], data_request: { id: 9 } };
  expect(read('customers/data_request', body)).toEqual({ ok: true, action: 'record', account: SHOP });
});

test('a body resent under another topic has issues, because the topic is not signed', () => {
  const request = { shop_domain: SHOP, customer: ada, data_request: { id: 9 } };
  expect(read('shop/redact', request)).toMatchObject({ ok: false });
  expect(read('customers/redact', request)).toMatchObject({ ok: false });
  expect(read('shop/redact', { shop_domain: SHOP, customer: ada })).toMatchObject({ ok: false });
});

describe('shop/redact', () => {
  const concerns = concerning('shop/redact', { shop_id: 1, shop_domain: 'Acme.myshopify.com' });

  test.each([
    ['an order', deliver('orders/create', { id: 1 }), true],
    ['the shop itself', deliver('app/uninstalled', { id: 1 }), true],
    ['a data request', deliver('customers/data_request', { customer: ada }), true],
    ['a shop domain in capitals', deliver('orders/create', { id: 1 }, 'ACME.MyShopify.com'), true],
    ['a delivery without a shop header', deliver('orders/create', { id: 1 }, ''), true],
    ['a body that is not an object', deliver('orders/create', '[]'), true],
    ['another shop', deliver('orders/create', { id: 1 }, 'other.myshopify.com'), false],
    [
      'a shop domain with the same beginning',
      deliver('orders/create', { id: 1 }, 'acme.myshopify.com.evil'),
      false,
    ],
    ['another erasure request', deliver('customers/redact', { customer: ada }), false],
  ])('for %s: %o → erase: %s', (_name, delivery, expected) => expect(concerns(delivery)).toBe(expected));

  test('erases deliveries with the newer shop header', () => {
    const older = deliver('orders/create', {}, '');
    const named = (shop: string) => ({ ...older, headers: { 'shopify-shop-domain': shop } });
    expect([concerns(named(SHOP)), concerns(named('other.myshopify.com'))]).toEqual([true, false]);
  });
});

describe('customers/redact', () => {
  const concerns = concerning('customers/redact', {
    shop_domain: SHOP,
    customer: ada,
    orders_to_redact: [299938, 280263],
  });

  test.each([
    ['an order of the customer', { id: 1, customer: { id: ada.id } }, true],
    ['an order to redact', { id: 280263, customer: null }, true],
    ['an order with the e-mail address', { id: 1, email: 'ADA@example.com ', customer: null }, true],
    ['an order with the contact e-mail address', { id: 1, contact_email: ada.email }, true],
    ['an order with the phone number', { id: 1, phone: ada.phone }, true],
    ['a customer with the e-mail address', { id: 1, customer: { id: 5, email: ada.email } }, true],
    ['an edit of an order to redact', { order_edit: { id: 1, order_id: 299938 } }, true],
    ['another customer', { id: 1, email: 'bob@example.com', customer: { id: 5, email: null } }, false],
    ['an order without a customer', { id: 1, email: '', phone: null, customer: null }, false],
    ['an edit whose id equals an order id', { order_edit: { id: 299938, order_id: 7 } }, false],
    ['a customer whose id equals an order id', { id: 1, customer: { id: 299938 } }, false],
    ['an order whose id equals the customer id', { id: ada.id }, false],
    ['a body that is not an order', [ada], false],
  ])('for %s: %o → erase: %s', (_name, body, expected) => {
    expect(concerns(deliver('orders/updated', body))).toBe(expected);
    expect(concerns(deliver('orders/updated', body, 'other.myshopify.com'))).toBe(false);
  });

  test('erases a data request of the customer, but not the shop or another erasure request', () => {
    expect(concerns(deliver('customers/data_request', { customer: ada }))).toBe(true);
    expect(concerns(deliver('customers/redact', { customer: ada }))).toBe(false);
    expect(concerns(deliver('app/uninstalled', { id: 299938, email: ada.email }))).toBe(false);
  });

  test('erases refunds of the orders to redact, and other topics that name the customer', () => {
    expect(concerns(deliver('refunds/create', { id: 1, order_id: 299938 }))).toBe(true);
    expect(concerns(deliver('refunds/create', { id: 299938, order_id: 7 }))).toBe(false);
    expect(concerns(deliver('checkouts/create', { id: 1, email: ada.email }))).toBe(true);
    expect(concerns(deliver('shop/update', { id: 1, email: ada.email }))).toBe(false);
  });

  test('erases nothing if it names no customer and no order', () => {
    const noCustomer = concerning('customers/redact', {
      shop_domain: SHOP,
      customer: { email: '', phone: null },
    });
    expect(noCustomer(deliver('orders/create', { id: 1, email: '', customer: { email: '' } }))).toBe(false);
    expect(noCustomer(deliver('orders/create', { id: 1, customer: {} }))).toBe(false);
  });

  test('compares exact ids that JSON.parse would round to one number', () => {
    const exact = concerning(
      'customers/redact',
      `{"shop_domain":"${SHOP}","customer":{"id":115310627314723954},"orders_to_redact":[820982911946154508]}`,
    );
    const order = (id: string, customer: string) =>
      exact(deliver('orders/create', `{"id":${id},"customer":{"id":${customer}}}`));
    expect(order('1', '115310627314723954')).toBe(true);
    expect(order('1', '115310627314723955')).toBe(false);
    expect(order('820982911946154508', '2')).toBe(true);
    expect(order('820982911946154509', '2')).toBe(false);
  });
});
