import { defineSource } from '../../define-source.ts';
import { shopifyAccount } from './account.ts';
import { appUninstalled } from './app-uninstalled.ts';
import { shopifyCompliance } from './compliance.ts';
import { newOrderCreated } from './new-order-created.ts';
import { orderChanges } from './order-changes.ts';
import { orderDeleted } from './order-deleted.ts';
import { orderEdited } from './order-edited.ts';
import { shopifySamples } from './samples.ts';
import { shopifySetUp } from './set-up.ts';
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
    // As a newer preview names it: erasure finds a shop's deliveries by it.
    'shopify-shop-domain',
  ],
  verify: verifyShopify,
  unpack: unpackShopify,
  events: [newOrderCreated, ...orderChanges, orderDeleted, orderEdited, appUninstalled],
  compliance: shopifyCompliance,
  account: shopifyAccount,
  lookups: {
    // The last three are of topics that a user's own events add: refunds, fulfillments, transactions.
    order_id: ['id', 'order_edit.order_id', 'order_id', 'refund.order_id', 'fulfillment.order_id'],
    order: ['name', 'order_number'],
    shop: ['header:x-shopify-shop-domain', 'header:shopify-shop-domain', 'shop_domain', 'myshopify_domain'],
    email: ['email', 'contact_email', 'customer.email'],
    customer: ['customer.id'],
  },
  setUp: shopifySetUp,
  samples: shopifySamples,
});
