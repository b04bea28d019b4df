import { pick } from '../../definitions/samples.ts';

const PRODUCTS = [
  { title: 'Canvas tote', sku: 'TOTE-NAT', cents: 2450, grams: 310 },
  { title: 'Enamel mug', sku: 'MUG-BLU', cents: 1800, grams: 260 },
  { title: 'Wool socks', sku: 'SOCK-GRY-M', cents: 1425, grams: 90 },
  { title: 'Field notebook, set of three', sku: 'NOTE-3', cents: 1695, grams: 240 },
] as const;

const CUSTOMERS = [
  { first: 'Ada', last: 'Okafor', city: 'Lisboa', country: 'Portugal', code: 'PT', locale: 'pt-PT' },
  { first: 'Jörg', last: 'Weiß', city: 'Köln', country: 'Germany', code: 'DE', locale: 'de-DE' },
  { first: 'Marta', last: 'Núñez', city: 'Bogotá', country: 'Colombia', code: 'CO', locale: 'es-CO' },
] as const;

const TAX_RATE = 0.19;

const money = (cents: number) => (cents / 100).toFixed(2);

const priceSet = (cents: number) => ({
  shop_money: { amount: money(cents), currency_code: 'EUR' },
  presentment_money: { amount: money(cents), currency_code: 'EUR' },
});

const HOUR = 3_600_000;

/** Id of the sample shop. */
export const SHOP_ID = 548_380_000;

/**
 * Composes the sample body of each topic.
 *
 * @param number which one, from 1; names, prices and ids are derived from it
 * @param now milliseconds since the epoch
 * @param shop the shop's domain
 */
export type SampleBodies = Readonly<Record<string, (number: number, now: number, shop: string) => unknown>>;

/** Composes a change of an order that was placed an hour earlier. */
const changed =
  (changes: (at: string) => Record<string, unknown>): SampleBodies[string] =>
  (number, now, shop) => {
    const at = new Date(now).toISOString();
    return { ...composeOrder(number, now - HOUR, shop), updated_at: at, ...changes(at) };
  };

export const orderSamples: SampleBodies = {
  'orders/create': composeOrder,
  'orders/updated': changed(() => ({ note: 'Please ring twice', tags: 'gift' })),
  'orders/paid': changed(() => ({ financial_status: 'paid' })),
  'orders/cancelled': changed((at) => ({
    cancelled_at: at,
    closed_at: at,
    cancel_reason: 'customer',
    financial_status: 'refunded',
  })),
  'orders/fulfilled': changed((at) => ({ fulfillment_status: 'fulfilled', closed_at: at })),
  'orders/partially_fulfilled': changed(() => ({ fulfillment_status: 'partial' })),
  'orders/delete': (number, now) => ({ id: sampleOrderId(number, now - HOUR) }),
  'orders/edited': composeOrderEdit,
};

/** Returns the id of the order that `composeOrder` composes from the same number and time. */
export const sampleOrderId = (number: number, now: number) =>
  5_600_000_000_000 + (now % 1_000_000_000) * 100 + number;

/** Returns the customer of the order with this number. */
export const sampleCustomer = (number: number) => ({
  id: 6_900_000_000_000 + number,
  email: `customer-${number}@example.com`,
  phone: null,
});

/**
 * Composes an order of about 8 kB with the fields and nulls of Shopify's API version 2026-07.
 *
 * @param number which order, from 1; names, prices and ids are derived from it
 * @param now milliseconds since the epoch
 * @param shop the shop's domain
 */
export function composeOrder(number: number, now: number, shop: string): Record<string, unknown> {
  const id = sampleOrderId(number, now);
  const at = new Date(now).toISOString();
  const customer = composeCustomer(number, at);
  const lines = [0, 1, 2].map((offset) => composeLine(id, number + offset));
  const subtotal = lines.reduce((sum, line) => sum + line.cents, 0);
  const tax = Math.round(subtotal * TAX_RATE);
  return {
    id,
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    app_id: 580111,
    browser_ip: '203.0.113.7',
    buyer_accepts_marketing: number % 2 === 0,
    cancel_reason: null,
    cancelled_at: null,
    cart_token: null,
    confirmation_number: number % 3 === 0 ? null : `SLUICE${String(number).padStart(4, '0')}`,
    confirmed: true,
    contact_email: customer.email,
    created_at: at,
    currency: 'EUR',
    current_subtotal_price: money(subtotal),
    current_subtotal_price_set: priceSet(subtotal),
    current_total_discounts: '0.00',
    current_total_price: money(subtotal + tax),
    current_total_price_set: priceSet(subtotal + tax),
    current_total_tax: money(tax),
    customer_locale: number % 2 === 0 ? null : pick(CUSTOMERS, number).locale,
    discount_codes: [],
    email: customer.email,
    financial_status: 'paid',
    fulfillment_status: null,
    name: `#${1000 + number}`,
    note: null,
    note_attributes: [],
    order_number: 1000 + number,
    order_status_url: `https://${shop}/548380009/orders/${id.toString(16)}/authenticate?key=sample`,
    payment_gateway_names: ['shopify_payments'],
    phone: null,
    presentment_currency: 'EUR',
    processed_at: at,
    source_name: 'web',
    subtotal_price: money(subtotal),
    tags: '',
    tax_lines: [{ price: money(tax), rate: TAX_RATE, title: 'VAT', price_set: priceSet(tax) }],
    test: true,
    total_line_items_price: money(subtotal),
    total_price: money(subtotal + tax),
    total_tax: money(tax),
    total_weight: lines.reduce((sum, line) => sum + line.item.grams, 0),
    updated_at: at,
    billing_address: customer.default_address,
    customer,
    fulfillments: [],
    line_items: lines.map((line) => line.item),
    refunds: [],
    shipping_address: customer.default_address,
    shipping_lines: [],
  };
}

function composeLine(orderId: number, number: number) {
  const product = pick(PRODUCTS, number);
  const tax = Math.round(product.cents * TAX_RATE);
  const id = orderId * 10 + (number % 10);
  return {
    cents: product.cents,
    item: {
      id,
      admin_graphql_api_id: `gid://shopify/LineItem/${id}`,
      attributed_staffs: [],
      current_quantity: 1,
      fulfillable_quantity: 1,
      fulfillment_service: 'manual',
      fulfillment_status: null,
      gift_card: false,
      grams: product.grams,
      name: product.title,
      pre_tax_price: money(product.cents),
      pre_tax_price_set: priceSet(product.cents),
      price: money(product.cents),
      price_set: priceSet(product.cents),
      product_exists: true,
      product_id: 7_500_000_000_000 + (number % PRODUCTS.length),
      properties: [],
      quantity: 1,
      requires_shipping: true,
      sku: product.sku,
      taxable: true,
      title: product.title,
      total_discount: '0.00',
      total_discount_set: priceSet(0),
      variant_id: null,
      variant_title: null,
      vendor: 'Sluice Goods',
      tax_lines: [{ price: money(tax), rate: TAX_RATE, title: 'VAT', price_set: priceSet(tax) }],
      duties: [],
      discount_allocations: [],
    },
  };
}

function composeCustomer(number: number, at: string) {
  const person = pick(CUSTOMERS, number);
  const customer = sampleCustomer(number);
  const name = { first_name: person.first, last_name: person.last };
  return {
    ...customer,
    admin_graphql_api_id: `gid://shopify/Customer/${customer.id}`,
    ...name,
    created_at: at,
    updated_at: at,
    state: 'enabled',
    note: null,
    verified_email: true,
    tax_exempt: false,
    tags: '',
    currency: 'EUR',
    default_address: {
      ...name,
      name: `${person.first} ${person.last}`,
      company: null,
      address1: `${(number % 90) + 1} Rua do Exemplo`,
      address2: null,
      city: person.city,
      province: null,
      country: person.country,
      country_code: person.code,
      zip: String(10_000 + (number % 80_000)),
      phone: null,
      latitude: null,
      longitude: null,
      default: true,
    },
  };
}

/** Composes the body of orders/edited: one item is added. */
function composeOrderEdit(number: number, now: number): Record<string, unknown> {
  const at = new Date(now).toISOString();
  const orderId = sampleOrderId(number, now - HOUR);
  return {
    order_edit: {
      id: 78_900_000_000 + number,
      app_id: null,
      created_at: at,
      notify_customer: number % 2 === 0,
      order_id: orderId,
      staff_note: number % 2 === 0 ? '' : 'Customer called and wants one more',
      user_id: null,
      committed_at: at,
      line_items: { additions: [{ id: orderId * 10 + 1, delta: 1 }], removals: [] },
      discounts: { line_item: { additions: [], removals: [] } },
      shipping_lines: { additions: [], removals: [] },
    },
  };
}
