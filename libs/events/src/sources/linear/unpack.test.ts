import { expect, test } from 'vitest';
import type { VerifiedWebhook } from '../../verification/webhook.ts';
import { unpackLinear } from './unpack.ts';

const update = {
  action: 'update',
  type: 'Issue',
  organizationId: 'org-1',
  createdAt: '2026-09-21T10:00:00.000Z',
  data: { id: 'issue-1', updatedAt: '2026-09-21T10:00:00.000Z', title: 'New' },
  updatedFrom: { title: 'Old' },
  webhookTimestamp: 1_790_000_000_000,
  webhookId: 'subscription-1',
};

function keyOf(json: unknown, headers: Record<string, string> = { 'linear-delivery': 'd1' }) {
  const text = JSON.stringify(json);
  const webhook = { headers, body: Buffer.from(text), receivedAt: 0 } as unknown as VerifiedWebhook;
  return unpackLinear({ webhook, text, json })[0]?.idempotencyKey;
}

test('a Linear resend has the same key with another delivery id, timestamp or subscription', () => {
  const resent = { ...update, webhookTimestamp: 1_790_000_060_000, webhookId: 'subscription-2' };
  expect(keyOf(resent, { 'linear-delivery': 'forged' })).toBe(keyOf(update));
  expect(keyOf(update, {})).toBe(keyOf(update));
});

test.each([
  ['workspace', { organizationId: 'org-2' }],
  ['type', { type: 'Comment' }],
  ['action', { action: 'remove' }],
  ['time of the action', { createdAt: '2026-09-21T10:00:00.001Z' }],
  ['id', { data: { ...update.data, id: 'issue-2' } }],
  ['time of the update', { data: { ...update.data, updatedAt: '2026-09-21T10:00:00.001Z' } }],
  ['previous value', { updatedFrom: { title: 'Older' } }],
  ['set of changed fields', { updatedFrom: { title: 'Old', priority: 1 } }],
])('a Linear webhook with another %s has another key', (_name, change) => {
  expect(keyOf({ ...update, ...change })).not.toBe(keyOf(update));
});

const notification = {
  type: 'AppUserNotification',
  action: 'issueAssignedToYou',
  notification: { id: 'n1' },
  webhookTimestamp: 1,
};

test.each([
  ['no data', notification],
  ['an id without a time', { ...update, createdAt: undefined, data: { id: 'issue-1' } }],
  ['an id that is a number', { ...update, data: { id: 7, updatedAt: 'now' } }],
  ['an array as body', [1]],
])(
  'the key of a Linear webhook with %s is a hash of its content without the time of sending',
  (_name, json) => {
    const resent = Array.isArray(json) ? json : { ...json, webhookTimestamp: 2 };
    expect(keyOf(resent, { 'linear-delivery': 'forged' })).toBe(keyOf(json));
    const other = Array.isArray(json) ? [2] : { ...json, more: 1 };
    expect(keyOf(other)).not.toBe(keyOf(json));
  },
);
