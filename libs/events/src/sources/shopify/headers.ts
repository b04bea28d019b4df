import type { UnverifiedWebhook } from '../../verification/webhook.ts';

type Name = 'topic' | 'hmac-sha256' | 'shop-domain' | 'webhook-id' | 'event-id' | 'triggered-at';

/** Returns a Shopify header. A newer API preview sends `shopify-*`, sometimes besides `x-shopify-*`. */
export function shopifyHeader(webhook: Pick<UnverifiedWebhook, 'headers'>, name: Name): string | undefined {
  return webhook.headers[`x-shopify-${name}`] ?? webhook.headers[`shopify-${name}`];
}
