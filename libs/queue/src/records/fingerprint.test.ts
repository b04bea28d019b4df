import { describe, expect, test } from 'vitest';
import type { Failure } from './failure.ts';
import { fingerprint } from './failure.ts';

const origin = { connection: 'acme', source: 'shopify', topic: 'orders/create' };

const death = (message: string, more: Partial<Failure> = {}): Failure => ({
  reason: 'rejected',
  detail: { message, status: 400, type: 'InvalidPayload' },
  origin,
  ...more,
});

describe('failures of one group', () => {
  test.each([
    ['order 1042 is unknown', 'order 7 is unknown'],
    ['no user "Jo Doe"', 'no user "Ann"'],
    ['mail to jo@example.com bounced', 'mail to ann@example.org bounced'],
    ['event evt_01M890VJ4AX is gone', 'event evt_01M890VRZ2S is gone'],
    ['id 5f0c8f5e-9d0a-4f5e-8b1a-1234567890ab', 'id 0c8f5e9d-0a4f-5e8b-1a12-34567890abcd'],
  ])('differ only in a varying part: %s', (one, other) => {
    expect(fingerprint(death(one))).toBe(fingerprint(death(other)));
  });

  test('may have a schema issue at any index of a list, and different issues after the third', () => {
    const issues = (...paths: string[]) => paths.map((path) => ({ path, message: 'expected number' }));
    const of = (...paths: string[]) =>
      fingerprint({ reason: 'invalid_event', detail: { message: 'does not fit', issues: issues(...paths) } });
    expect(of('items.0.price')).toBe(of('items.17.price'));
    expect(of('a', 'b', 'c', 'd')).toBe(of('a', 'b', 'c', 'e'));
    expect(of('items.0.price')).not.toBe(of('items.0.name'));
  });
});

test.each<[string, Partial<Failure>]>([
  ['of another connection', { origin: { ...origin, connection: 'other' } }],
  ['of another topic', { origin: { ...origin, topic: 'orders/paid' } }],
  ['of another reason', { reason: 'too_large' }],
  ['of another status', { detail: { message: 'no', status: 409, type: 'InvalidPayload' } }],
  ['of another message', { detail: { message: 'yes', status: 400, type: 'InvalidPayload' } }],
])('a failure %s belongs to another group', (_, more) => {
  expect(fingerprint(death('no', more))).not.toBe(fingerprint(death('no')));
});

test('a group is 16 hex digits for a message of any length', () => {
  expect(fingerprint(death(`${'"'.repeat(50_000)}${'a1@'.repeat(50_000)}`))).toMatch(/^[0-9a-f]{16}$/);
});
