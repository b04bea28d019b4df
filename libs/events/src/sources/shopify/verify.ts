import type { Credentials, Verdict } from '../../define-source.ts';
import { verifyHmac } from '../../verify-hmac.ts';
import type { UnverifiedWebhook } from '../../webhook.ts';
import { shopifyHeader } from './headers.ts';

/**
 * Shopify signs the raw body alone, with the app's client secret, in base64: no timestamp, and topic, shop
 * and id headers are not covered (https://shopify.dev/docs/apps/build/webhooks/subscribe/https).
 * A rotated secret may take an hour to begin signing, so old and new are accepted together.
 */
export function verifyShopify(webhook: UnverifiedWebhook, credentials: Credentials<unknown>): Verdict {
  const signature = shopifyHeader(webhook, 'hmac-sha256') ?? '';
  const { secrets } = credentials;
  const signed = verifyHmac({ message: webhook.body, signature, encoding: 'base64', secrets });
  if (signed) return { ok: true };
  return { ok: false, why: signature ? 'signature does not match' : 'no X-Shopify-Hmac-Sha256 header' };
}
