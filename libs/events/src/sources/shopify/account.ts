import type { UnverifiedWebhook } from '../../webhook.ts';
import { shopifyHeader } from './headers.ts';
import type { ShopifySettings } from './settings.ts';

/**
 * An app has one address for all the shops that install it. The header that names the shop is not signed,
 * so it only chooses whose secrets must verify; among shops of one app, which share the secret, it is
 * Shopify's word over TLS.
 */
export const shopifyAccount = {
  ofWebhook: (webhook: UnverifiedWebhook): string | undefined =>
    shopifyHeader(webhook, 'shop-domain')?.toLowerCase(),
  ofSettings: (settings: ShopifySettings): string | undefined => settings.shopDomain,
};
