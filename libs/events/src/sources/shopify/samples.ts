import { createHmac } from 'node:crypto';
import { composerOf, type SampleRequest, type SourceSamples, sampleId } from '../../definitions/samples.ts';
import { composeOrder, sampleCustomer, sampleOrderId } from './sample-order.ts';
import type { ShopifySettings } from './settings.ts';

const HOUR = 3_600_000;
const SHOP_ID = 548_380_000;

type Composer = (number: number, now: number, shop: string) => unknown;

/** Composes a change of an order that was placed an hour earlier. */
const changed =
  (changes: (at: string) => Record<string, unknown>): Composer =>
  (number, now, shop) => {
    const at = new Date(now).toISOString();
    return { ...composeOrder(number, now - HOUR, shop), updated_at: at, ...changes(at) };
  };

const composers: Record<string, Composer> = {
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
  'app/uninstalled': composeShop,
  'customers/data_request': (number, now, shop) => ({
    ...composeCustomerRequest(number, shop),
    orders_requested: [sampleOrderId(number, now)],
    data_request: { id: 9_000 + number },
  }),
  'customers/redact': (number, now, shop) => ({
    ...composeCustomerRequest(number, shop),
    orders_to_redact: [sampleOrderId(number, now)],
  }),
  'shop/redact': (number, _now, shop) => ({ shop_id: SHOP_ID + number, shop_domain: shop }),
};

/** Sample webhooks written after Shopify's documentation; an order is about 8 kB. */
export const shopifySamples: SourceSamples<ShopifySettings> = {
  topics: Object.keys(composers),
  compose(topic, { number, now, settings }): SampleRequest {
    const compose = composerOf(composers, topic);
    const shop = settings.shopDomain ?? `${toHandle(settings.shopName)}.myshopify.com`;
    return {
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Shopify-Captain-Hook',
        'x-shopify-api-version': '2026-07',
        'x-shopify-event-id': sampleId(`event ${topic} ${number} ${now}`),
        'x-shopify-shop-domain': shop,
        'x-shopify-test': 'true',
        'x-shopify-topic': topic,
        'x-shopify-triggered-at': new Date(now).toISOString(),
        'x-shopify-webhook-id': sampleId(`webhook ${topic} ${number} ${now}`),
      },
      body: JSON.stringify(compose(number, now, shop)),
    };
  },
  sign(request, secret) {
    const signature = createHmac('sha256', secret).update(request.body).digest('base64');
    return { ...request, headers: { ...request.headers, 'x-shopify-hmac-sha256': signature } };
  },
};

/** Turns a shop's name, which is free text, into the first label of a domain. */
function toHandle(shopName: string): string {
  return shopName.toLowerCase().replace(/[^a-z0-9]+/g, '-');
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

/** Composes the body of app/uninstalled: the shop. */
export function composeShop(number: number, now: number, shop: string): Record<string, unknown> {
  return {
    id: SHOP_ID + number,
    name: 'Sluice Goods',
    email: 'owner@example.com',
    domain: shop,
    province: null,
    country: 'PT',
    address1: '1 Rua do Exemplo',
    zip: '10000',
    city: 'Lisboa',
    source: null,
    phone: null,
    primary_locale: 'pt-PT',
    created_at: new Date(now - 30 * 86_400_000).toISOString(),
    updated_at: new Date(now).toISOString(),
    country_code: 'PT',
    country_name: 'Portugal',
    currency: 'EUR',
    customer_email: 'owner@example.com',
    iana_timezone: 'Europe/Lisbon',
    shop_owner: 'Ada Okafor',
    plan_display_name: 'Basic',
    plan_name: 'basic',
    myshopify_domain: shop,
    has_storefront: true,
    setup_required: false,
  };
}

/** Composes the part that customers/data_request and customers/redact share: shop and customer. */
function composeCustomerRequest(number: number, shop: string): Record<string, unknown> {
  return { shop_id: SHOP_ID, shop_domain: shop, customer: sampleCustomer(number) };
}
