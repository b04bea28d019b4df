import { createHash } from 'node:crypto';
import type { ParsedWebhook } from '../../define-source.ts';
import { sliceJson } from '../../json-slice.ts';
import { fieldOf } from '../../piece.ts';

/**
 * Workspace, type, action, id of what changed, when it was updated, when the action took place, and a hash
 * of `updatedFrom`, without which two updates in one millisecond would be the same.
 *
 * All of it is signed. `Linear-Delivery` is what Linear's documentation names for this, but it is a header,
 * and headers are not signed: who resends a captured request under another delivery id would make a second
 * event. It is never part of the key; it is kept beside the delivery for a look into Linear's own log.
 * `webhookTimestamp` is signed but new with every retry, and `webhookId` is the subscription's: neither
 * belongs to what happened.
 *
 * What has no id or no time (notifications, revoked apps) is told apart by a hash of all it says.
 */
export function linearIdempotencyKey({ text, json }: ParsedWebhook): string {
  const data = fieldOf(json, 'data');
  const id = fieldOf(data, 'id');
  const times = [fieldOf(data, 'updatedAt'), fieldOf(json, 'createdAt')];
  if (typeof id !== 'string' || !times.some((time) => typeof time === 'string')) return hashOfAll(json);

  const what = ['organizationId', 'type', 'action'].map((name) => fieldOf(json, name));
  const updatedFrom = sliceJson(text, ['updatedFrom']);
  return JSON.stringify([...what, id, ...times, updatedFrom === undefined ? null : hash(updatedFrom)]);
}

function hashOfAll(json: unknown): string {
  const said = typeof json === 'object' && json !== null ? { ...json, webhookTimestamp: undefined } : json;
  return JSON.stringify(['all', hash(JSON.stringify(said))]);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
