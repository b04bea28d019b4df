import { createHash } from 'node:crypto';
import type { ParsedWebhook, UnpackedItem } from '../../define-source.ts';
import { textsAt } from './places.ts';
import type { CustomSettings } from './settings.ts';

/** One item: the whole body. Where no topic stands it is "", which only `*` stands for. */
export function unpackCustom(
  { webhook, text, json }: ParsedWebhook,
  { topic: place, idempotencyKey = {} }: CustomSettings,
): readonly UnpackedItem[] {
  const topic = textsAt(place, webhook, json).join('.');
  const [id] = textsAt(idempotencyKey, webhook, json);
  return [{ topic, idempotencyKey: keyOf(topic, id, webhook.body), body: text, input: json }];
}

/**
 * Topic and id, else topic and a hash of the body. The topic is a part of it because ids are often those of
 * the thing and not of what happened to it: order 7 is created, then paid, maybe with the same body. The
 * timestamp is no part of it: senders sign anew when they try again.
 */
function keyOf(topic: string, id: string | undefined, body: Buffer): string {
  if (id !== undefined) return JSON.stringify([topic, id]);
  return JSON.stringify([topic, 'sha256', createHash('sha256').update(body).digest('hex')]);
}
