import { defineSource } from '../../definitions/define-source.ts';
import { appEvents, appSamples } from './app-events.ts';
import { shopifyCompliance } from './compliance.ts';
import { orderEvents } from './order-events.ts';
import { orderSamples } from './order-samples.ts';
import { refundEvents, refundSamples } from './refund-events.ts';
import { shopifySamples } from './samples.ts';
import { shopifySettings } from './settings.ts';
import { unpackShopify } from './unpack.ts';
import { shopifyAccount, verifyShopify } from './verify.ts';

const HOUR = 3_600_000;

export const shopify = defineSource({
  name: 'shopify',
  title: 'Shopify',
  settings: shopifySettings,
  // Shopify retries for 4 h, and a webhook may arrive a day late.
  deduplicationWindow: 48 * HOUR,
  keepHeaders: [
    'x-shopify-shop-domain',
    'x-shopify-api-version',
    'x-shopify-webhook-id',
    'x-shopify-event-id',
    // The name in a newer API preview; erasure selects a shop's deliveries by it.
    'shopify-shop-domain',
  ],
  verify: verifyShopify,
  unpack: unpackShopify,
  events: [...orderEvents, ...refundEvents, ...appEvents],
  compliance: shopifyCompliance,
  account: shopifyAccount,
  lookups: {
    // The last three belong to refunds, and to topics that user modules may add: fulfillments, transactions.
    order_id: ['id', 'order_edit.order_id', 'order_id', 'refund.order_id', 'fulfillment.order_id'],
    order: ['name', 'order_number'],
    shop: ['header:x-shopify-shop-domain', 'header:shopify-shop-domain', 'shop_domain', 'myshopify_domain'],
    email: ['email', 'contact_email', 'customer.email'],
    customer: ['customer.id'],
  },
  setUp: [
    'In your app’s shopify.app.toml, or with the Admin API, subscribe to the enabled topics with {url} as the address. All topics can share one address.',
    'An app that many shops install can use one address that ends in /webhooks/shopify. In that case set settings.shopDomain of each connection.',
    'Set the app’s client secret as a secret of the connection. Webhooks created in a shop’s admin are signed with another key, which the admin shows below its list of webhooks.',
    'Set the same address for the mandatory topics customers/data_request, customers/redact and shop/redact.',
    'When you rotate the client secret, keep the old and the new secret for at least an hour: Shopify signs with the old one for a while.',
  ],
  samples: shopifySamples({ ...orderSamples, ...refundSamples, ...appSamples }),
});
