import { createHash } from 'node:crypto';
import type { UnpackedItem } from '../../definitions/define-source.ts';
import { fieldOf, sliceJson } from '../../delivery/json-slice.ts';
import type { ParsedWebhook } from '../../verification/webhook.ts';

/**
 * Unpacks a Linear webhook into one item, the whole body. Its topic is type and action, like `Issue.create`.
 */
export function unpackLinear(parsed: ParsedWebhook): readonly UnpackedItem[] {
  const { text, json } = parsed;
  const occurredAt =
    timeOf(fieldOf(json, 'createdAt')) ?? timeOf(fieldOf(fieldOf(json, 'data'), 'updatedAt'));
  return [
    {
      topic: `${nameIn(json, 'type')}.${nameIn(json, 'action')}`,
      idempotencyKey: idempotencyKey(parsed),
      body: text,
      input: json,
      ...(occurredAt === undefined ? {} : { occurredAt }),
    },
  ];
}

function nameIn(json: unknown, field: 'type' | 'action'): string {
  const name = fieldOf(json, field);
  return typeof name === 'string' ? name : '';
}

function timeOf(text: unknown): number | undefined {
  const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Returns the idempotency key of a Linear webhook: workspace, type, action, id of the changed object, time of
 * its update, time of the action, and a hash of `updatedFrom`, which distinguishes two updates in one
 * millisecond.
 *
 * All of these are signed. Linear's documentation names the header `Linear-Delivery` for deduplication, but
 * headers are not signed: an attacker could resend a captured request under another delivery id and create a
 * second event. The header is never part of the key; it is kept with the delivery to find it in Linear's log.
 * `webhookTimestamp` is signed, but changes with every retry, and `webhookId` identifies the subscription:
 * neither identifies the occurrence.
 *
 * A webhook without an id or a time (notifications, revoked apps) is identified by a hash of its content.
 */
function idempotencyKey({ text, json }: ParsedWebhook): string {
  const data = fieldOf(json, 'data');
  const id = fieldOf(data, 'id');
  const times = [fieldOf(data, 'updatedAt'), fieldOf(json, 'createdAt')];
  if (typeof id !== 'string' || !times.some((time) => typeof time === 'string')) return hashOfContent(json);

  const names = ['organizationId', 'type', 'action'].map((name) => fieldOf(json, name));
  const updatedFrom = sliceJson(text, ['updatedFrom']);
  return JSON.stringify([...names, id, ...times, updatedFrom === undefined ? null : hash(updatedFrom)]);
}

function hashOfContent(json: unknown): string {
  const content = typeof json === 'object' && json !== null ? { ...json, webhookTimestamp: undefined } : json;
  return JSON.stringify(['all', hash(JSON.stringify(content))]);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
