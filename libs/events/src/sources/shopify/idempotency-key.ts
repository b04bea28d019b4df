import { createHash } from 'node:crypto';
import type { ParsedWebhook } from '../../define-source.ts';
import { shopifyHeader } from './headers.ts';

/**
 * Shop, topic and event id (else webhook id, else a hash of the body); of orders/updated also `updated_at`.
 *
 * The event id is shared by all webhooks of one merchant action (orders/create and orders/paid of one
 * checkout), so it never stands alone; and one action may update an order several times. The webhook id is
 * what older API versions send. Neither is covered by the signature, but then nothing of Shopify's is,
 * besides the body.
 */
export function shopifyIdempotencyKey({ webhook, json }: ParsedWebhook, topic: string): string {
  const shop = shopifyHeader(webhook, 'shop-domain') ?? '';
  const id = shopifyHeader(webhook, 'event-id') ?? shopifyHeader(webhook, 'webhook-id');
  const hash = () => createHash('sha256').update(webhook.body).digest('hex');
  return JSON.stringify([shop, topic, id ?? hash(), ...(topic === 'orders/updated' ? updatedAt(json) : [])]);
}

function updatedAt(json: unknown): string[] {
  const isObject = typeof json === 'object' && json !== null && 'updated_at' in json;
  return isObject && typeof json.updated_at === 'string' ? [json.updated_at] : [];
}
