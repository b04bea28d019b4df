import { makeDelivery } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import { readDelivery, storeDelivery } from './delivery.ts';

/** Returns job data as Redis returns it. */
const stored = (body: string) => JSON.parse(JSON.stringify(storeDelivery(makeDelivery({ body }))));

const order = (length: number) => `{"id":1,"note":"${'a "quoted" näme, '.repeat(length / 16)}"}`;

test.each([
  ['empty', ''],
  ['a short body', order(100)],
  ['an order', order(8_000)],
  ['8 MiB', order(8 * 1024 * 1024)],
  ['characters of four bytes', '😀'.repeat(2_000)],
  ['a lone surrogate', `${'x'.repeat(2_000)}\ud83d`],
])('a body is restored exactly: %s', (_, body) => {
  const delivery = makeDelivery({ body, occurredAt: 7 });
  const data = JSON.parse(JSON.stringify(storeDelivery(delivery)));
  expect(readDelivery(delivery.id, data)).toEqual({ ok: true, delivery });
});

test('a stored order takes a third of its size', () => {
  expect(JSON.stringify(stored(order(8_000))).length).toBeLessThan(8_000 / 3);
});

test('job data with an uncompressed body is read', () => {
  const delivery = makeDelivery({ body: order(8_000) });
  const { id: _, idempotencyKey: key, ...rest } = delivery;
  expect(readDelivery(delivery.id, { v: 1, key, ...rest })).toEqual({ ok: true, delivery });
});

describe('invalid job data is rejected with a reason', () => {
  test.each([
    ['another version', { v: 9 }, 'version 9'],
    ['a text', 'text', 'version none'],
    ['an invalid body', { ...stored(order(8_000)), deflated: 'AAAA' }, 'The body cannot be decompressed.'],
    [
      'a truncated body',
      { ...stored(order(8_000)), deflated: stored(order(8_000)).deflated.slice(0, 90) },
      'decompressed',
    ],
  ])('%s', (_, data, why) => {
    expect(readDelivery('dlv_1', data)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });
});
