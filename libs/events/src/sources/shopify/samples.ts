import { createHash, createHmac } from 'node:crypto';
import type { SampleRequest, SourceSamples } from '../../samples.ts';
import { composeOrder } from './sample-order.ts';
import type { ShopifySettings } from './settings.ts';

const composers: Record<string, (number: number, now: number, shop: string) => unknown> = {
  'orders/create': composeOrder,
};

/** Webhooks as Shopify sends them: written from its documentation, about 8 kB an order. */
export const shopifySamples: SourceSamples<ShopifySettings> = {
  topics: Object.keys(composers),
  compose(topic, { number, now, settings }): SampleRequest {
    const compose = composers[topic];
    if (!compose)
      throw new RangeError(`no sample of ${topic}; there are: ${Object.keys(composers).join(', ')}`);
    const shop = `${settings.shopName}.myshopify.com`;
    return {
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Shopify-Captain-Hook',
        'x-shopify-api-version': '2026-07',
        'x-shopify-event-id': pseudoUuid(`event ${topic} ${number} ${now}`),
        'x-shopify-shop-domain': shop,
        'x-shopify-test': 'true',
        'x-shopify-topic': topic,
        'x-shopify-triggered-at': new Date(now).toISOString(),
        'x-shopify-webhook-id': pseudoUuid(`webhook ${topic} ${number} ${now}`),
      },
      body: JSON.stringify(compose(number, now, shop)),
    };
  },
  sign(request, secret) {
    const signature = createHmac('sha256', secret).update(request.body).digest('base64');
    return { ...request, headers: { ...request.headers, 'x-shopify-hmac-sha256': signature } };
  },
};

/** The same id for the same seed, so that sending the same number again is a resend. */
function pseudoUuid(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
