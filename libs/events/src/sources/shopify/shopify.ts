import { defineSource } from '../../define-source.ts';
import { newOrderCreated } from './new-order-created.ts';
import { shopifySamples } from './samples.ts';
import { shopifySettings } from './settings.ts';
import { unpackShopify } from './unpack.ts';
import { verifyShopify } from './verify.ts';

const HOUR = 3_600_000;

export const shopify = defineSource({
  name: 'shopify',
  title: 'Shopify',
  settings: shopifySettings,
  // Shopify resends for 4 h and may be a day late.
  deduplicationWindow: 48 * HOUR,
  keepHeaders: [
    'x-shopify-shop-domain',
    'x-shopify-api-version',
    'x-shopify-webhook-id',
    'x-shopify-event-id',
  ],
  verify: verifyShopify,
  unpack: unpackShopify,
  events: [newOrderCreated],
  samples: shopifySamples,
});
