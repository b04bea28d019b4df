import { createHmac } from 'node:crypto';
import { composerOf, type SampleRequest, type SourceSamples, sampleId } from '../../definitions/samples.ts';
import { type SampleBodies, SHOP_ID, sampleCustomer, sampleOrderId } from './order-samples.ts';
import type { ShopifySettings } from './settings.ts';

const complianceSamples: SampleBodies = {
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

/**
 * Returns sample webhooks written after Shopify's documentation.
 *
 * @param bodies bodies of all topics except the compliance topics
 */
export function shopifySamples(bodies: SampleBodies): SourceSamples<ShopifySettings> {
  const composers = { ...bodies, ...complianceSamples };
  return {
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
}

/** Turns a shop's name, which is free text, into the first label of a domain. */
function toHandle(shopName: string): string {
  return shopName.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** Composes the part that customers/data_request and customers/redact share: shop and customer. */
function composeCustomerRequest(number: number, shop: string): Record<string, unknown> {
  return { shop_id: SHOP_ID, shop_domain: shop, customer: sampleCustomer(number) };
}
