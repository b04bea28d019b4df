import { createHash } from 'node:crypto';
import type { UnverifiedWebhook } from '../../webhook.ts';
import { shopifyHeader } from './headers.ts';

/**
 * Shop, topic and event id (else webhook id, else a hash of the body).
 *
 * The event id is shared by all webhooks of one merchant action (orders/create and orders/paid of one
 * checkout), so it never stands alone. The webhook id is what older API versions send. Neither is covered
 * by the signature, but then nothing of Shopify's is, besides the body.
 */
export function shopifyIdempotencyKey(webhook: UnverifiedWebhook, topic: string): string {
  const shop = shopifyHeader(webhook, 'shop-domain') ?? '';
  const id = shopifyHeader(webhook, 'event-id') ?? shopifyHeader(webhook, 'webhook-id');
  return JSON.stringify([shop, topic, id ?? createHash('sha256').update(webhook.body).digest('hex')]);
}
