import type { ParsedWebhook, UnpackedItem } from '../../define-source.ts';
import { shopifyHeader } from './headers.ts';
import { shopifyIdempotencyKey } from './idempotency-key.ts';

/** A Shopify webhook is one item: the whole body. */
export function unpackShopify(parsed: ParsedWebhook): readonly UnpackedItem[] {
  const { webhook, text, json } = parsed;
  const topic = shopifyHeader(webhook, 'topic') ?? '';
  const triggeredAt = Date.parse(shopifyHeader(webhook, 'triggered-at') ?? '');
  return [
    {
      topic,
      idempotencyKey: shopifyIdempotencyKey(parsed, topic),
      body: text,
      input: json,
      ...(Number.isNaN(triggeredAt) ? {} : { occurredAt: triggeredAt }),
    },
  ];
}
