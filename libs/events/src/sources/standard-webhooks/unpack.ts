import type { UnpackedItem } from '../../definitions/define-source.ts';
import { valueAtPath } from '../../delivery/body-path.ts';
import type { ParsedWebhook } from '../../verification/webhook.ts';
import type { StandardWebhooksSettings } from './settings.ts';
import { standardHeaders } from './verify.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/**
 * Unpacks a webhook into one item: the whole body. Its idempotency key is `webhook-id`, which is signed and
 * stays the same in a retry. A body without a type gets the topic `""`, which only `*` matches.
 */
export function unpackStandardWebhooks(
  { webhook, text, json }: ParsedWebhook,
  { topicPath }: StandardWebhooksSettings,
): readonly UnpackedItem[] {
  const topic = valueAtPath(json, topicPath);
  // The header's timestamp is the time of this attempt, not of the occurrence.
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
