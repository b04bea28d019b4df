import type { UnverifiedWebhook } from '../../webhook.ts';

type Name = 'topic' | 'hmac-sha256' | 'shop-domain' | 'webhook-id' | 'event-id' | 'triggered-at';

/** Reads a Shopify header. A newer preview sends `shopify-*`, sometimes beside `x-shopify-*`. */
export function shopifyHeader(webhook: Pick<UnverifiedWebhook, 'headers'>, name: Name): string | undefined {
  return webhook.headers[`x-shopify-${name}`] ?? webhook.headers[`shopify-${name}`];
}
