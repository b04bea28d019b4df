import { createSourceRegistry, type SourceDefinition } from '@sluice/events';

export const SECRET = 'ingest-test-secret';

export const shopify = createSourceRegistry().get('shopify') as SourceDefinition;

export interface SignedWebhook {
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
}

let number = 0;

/** Creates a signed, unique order. */
export function order(secret = SECRET): SignedWebhook & { readonly body: string } {
  number += 1;
  const context = { number, now: Date.now(), settings: { shopName: 'acme' } };
  const { headers, body } = shopify.samples?.compose('orders/create', context) ?? { headers: {}, body: '' };
  return sign(body, headers, secret);
}

/** Signs a body like Shopify. */
export function sign(
  body: string,
  headers: Readonly<Record<string, string>>,
  secret = SECRET,
): SignedWebhook & { readonly body: string } {
  const signed = shopify.samples?.sign({ body, headers }, secret);
  return { body, headers: { ...signed?.headers } };
}
