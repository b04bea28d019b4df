import { valueAtPath } from '../../body-path.ts';
import type { ParsedWebhook, UnpackedItem } from '../../define-source.ts';
import { standardHeaders } from './headers.ts';
import type { StandardWebhooksSettings } from './settings.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/**
 * One item: the whole body. Its idempotency key is `webhook-id`, which is signed and stays the same when the
 * sender tries again. A body that says no type has the topic "", which only `*` stands for.
 */
export function unpackStandardWebhooks(
  { webhook, text, json }: ParsedWebhook,
  { topicPath }: StandardWebhooksSettings,
): readonly UnpackedItem[] {
  const topic = valueAtPath(json, topicPath);
  // The header's timestamp is when this try was signed, not when it happened.
  const timestamp = valueAtPath(json, 'timestamp');
  const occurredAt =
    typeof timestamp === 'string' && ISO.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  return [
    {
      topic: typeof topic === 'string' ? topic : '',
      idempotencyKey: standardHeaders(webhook).id,
      body: text,
      input: json,
      ...(Number.isNaN(occurredAt) ? {} : { occurredAt }),
    },
  ];
}
