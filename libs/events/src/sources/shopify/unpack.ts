import { createHash } from 'node:crypto';
import type { UnpackedItem } from '../../definitions/define-source.ts';
import type { ParsedWebhook } from '../../verification/webhook.ts';
import { shopifyHeader } from './headers.ts';

/** Unpacks a Shopify webhook into one item: the whole body. */
export function unpackShopify(parsed: ParsedWebhook): readonly UnpackedItem[] {
  const { webhook, text, json } = parsed;
  const topic = shopifyHeader(webhook, 'topic') ?? '';
  const triggeredAt = Date.parse(shopifyHeader(webhook, 'triggered-at') ?? '');
  return [
    {
      topic,
      idempotencyKey: idempotencyKey(parsed, topic),
      body: text,
      input: json,
      ...(Number.isNaN(triggeredAt) ? {} : { occurredAt: triggeredAt }),
    },
  ];
}

/**
 * The key consists of shop, topic and event id; without an event id, of the webhook id or a hash of the body.
 * For orders/updated it also includes `updated_at`.
 *
 * The event id alone is not enough: all webhooks of one merchant action share it (orders/create and
 * orders/paid of one checkout), and one action may update an order several times. Older API versions send the
 * webhook id instead. The signature covers neither id; it covers nothing but the body.
 */
function idempotencyKey({ webhook, json }: ParsedWebhook, topic: string): string {
  const shop = shopifyHeader(webhook, 'shop-domain') ?? '';
  const id = shopifyHeader(webhook, 'event-id') ?? shopifyHeader(webhook, 'webhook-id');
  const hash = () => createHash('sha256').update(webhook.body).digest('hex');
  return JSON.stringify([shop, topic, id ?? hash(), ...(topic === 'orders/updated' ? updatedAt(json) : [])]);
}

function updatedAt(json: unknown): string[] {
  const isObject = typeof json === 'object' && json !== null && 'updated_at' in json;
  return isObject && typeof json.updated_at === 'string' ? [json.updated_at] : [];
}
