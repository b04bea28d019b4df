import { createHmac } from 'node:crypto';
import { sampleId } from '../../sample-id.ts';
import type { SampleRequest, SourceSamples } from '../../samples.ts';
import { composeCustomerRequest, composeOrderEdit, composeShop, SHOP_ID } from './sample-notices.ts';
import { composeOrder, sampleOrderId } from './sample-order.ts';
import type { ShopifySettings } from './settings.ts';

const HOUR = 3_600_000;

type Composer = (number: number, now: number, shop: string) => unknown;

/** An order that was placed an hour before. */
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

/** Webhooks as Shopify sends them: written from its documentation, about 8 kB an order. */
export const shopifySamples: SourceSamples<ShopifySettings> = {
  topics: Object.keys(composers),
  compose(topic, { number, now, settings }): SampleRequest {
    const compose = composers[topic];
    if (!compose)
      throw new RangeError(`no sample of ${topic}; there are: ${Object.keys(composers).join(', ')}`);
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

/** A name is free text, and a domain is not. */
function toHandle(shopName: string): string {
  return shopName.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
