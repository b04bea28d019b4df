import { createHash } from 'node:crypto';
import type { UnpackedItem } from '../../definitions/define-source.ts';
import { valueAtPath } from '../../delivery/body-path.ts';
import type { ParsedWebhook, UnverifiedWebhook } from '../../verification/webhook.ts';
import type { CustomSettings } from './settings.ts';

/**
 * Unpacks a webhook into one item: the whole body. A webhook without a topic gets `""`, which only `*`
 * matches.
 */
export function unpackCustom(
  { webhook, text, json }: ParsedWebhook,
  { topic: topicLocation, idempotencyKey: keyLocation = {} }: CustomSettings,
): readonly UnpackedItem[] {
  const topic = textsAt(topicLocation, webhook, json).join('.');
  const [id] = textsAt(keyLocation, webhook, json);
  return [{ topic, idempotencyKey: idempotencyKey(topic, id, webhook.body), body: text, input: json }];
}

/**
 * The key consists of the topic and the id, or of the topic and a hash of the body if there is no id.
 *
 * The topic is part of the key because an id often identifies an object and not an occurrence: order 7 is
 * created, then paid, possibly with the same body. The signature's timestamp is not part of it: senders sign
 * again on every retry.
 */
function idempotencyKey(topic: string, id: string | undefined, body: Buffer): string {
  if (id !== undefined) return JSON.stringify([topic, id]);
  return JSON.stringify([topic, 'sha256', createHash('sha256').update(body).digest('hex')]);
}

interface Location {
  readonly header?: string | undefined;
  readonly path?: string | undefined;
}

/** Returns the non-empty texts at a location, the header's first. */
function textsAt(
  { header, path }: Location,
  webhook: Pick<UnverifiedWebhook, 'headers'>,
  json: unknown,
): readonly string[] {
  const found = [
    header === undefined ? undefined : webhook.headers[header],
    path === undefined ? undefined : toText(valueAtPath(json, path)),
  ];
  return found.filter((text): text is string => text !== undefined && text !== '');
}

/** JSON.parse rounds integers past 2^53, so two ids could become one number: such a number is not an id. */
function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
