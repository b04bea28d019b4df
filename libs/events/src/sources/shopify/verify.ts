import type { Credentials, Verdict } from '../../definitions/define-source.ts';
import { verifyHmac } from '../../verification/constant-time.ts';
import type { UnverifiedWebhook } from '../../verification/webhook.ts';
import { shopifyHeader } from './headers.ts';
import type { ShopifySettings } from './settings.ts';

/**
 * Verifies the `X-Shopify-Hmac-Sha256` header.
 *
 * Shopify signs only the raw body, with the app's client secret (HMAC-SHA256, base64). There is no timestamp,
 * and the headers with topic, shop and ids are not signed
 * (https://shopify.dev/docs/apps/build/webhooks/subscribe/https). Shopify may take an hour to sign with a
 * rotated secret, so the old and the new one are accepted together.
 */
export function verifyShopify(webhook: UnverifiedWebhook, credentials: Credentials<unknown>): Verdict {
  const signature = shopifyHeader(webhook, 'hmac-sha256') ?? '';
  const { secrets } = credentials;
  const signed = verifyHmac({ message: webhook.body, signature, encoding: 'base64', secrets });
  if (signed) return { ok: true };
  return { ok: false, why: signature ? 'signature does not match' : 'no X-Shopify-Hmac-Sha256 header' };
}

/**
 * The shop of a webhook and of a connection, for the address that all shops of an app share. The header that
 * names the shop is not signed: it only selects whose secrets must verify. Shops of one app share the secret,
 * so among them the header is trusted as far as TLS to Shopify goes.
 */
export const shopifyAccount = {
  ofWebhook: (webhook: UnverifiedWebhook): string | undefined =>
    shopifyHeader(webhook, 'shop-domain')?.toLowerCase(),
  ofSettings: (settings: ShopifySettings): string | undefined => settings.shopDomain,
};
