import { makeDelivery } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import { readDelivery, storeDelivery } from './delivery.ts';

/** As Redis gives it back. */
const stored = (body: string) => JSON.parse(JSON.stringify(storeDelivery(makeDelivery({ body }))));

const order = (length: number) => `{"id":1,"note":"${'a "quoted" näme, '.repeat(length / 16)}"}`;

test.each([
  ['nothing', ''],
  ['a short one', order(100)],
  ['an order', order(8_000)],
  ['4 MiB', order(4 * 1024 * 1024)],
  ['characters of four bytes', '😀'.repeat(2_000)],
  ['half of a character', `${'x'.repeat(2_000)}\ud83d`],
])('a body comes back exactly: %s', (_, body) => {
  const delivery = makeDelivery({ body, occurredAt: 7 });
  const data = JSON.parse(JSON.stringify(storeDelivery(delivery)));
  expect(readDelivery(delivery.id, data)).toEqual({ ok: true, delivery });
});

test('an order takes a third of its room', () => {
  expect(JSON.stringify(stored(order(8_000))).length).toBeLessThan(8_000 / 3);
});

test('what was stored before bodies were deflated is read', () => {
  const delivery = makeDelivery({ body: order(8_000) });
  const { id: _, idempotencyKey: key, ...rest } = delivery;
  expect(readDelivery(delivery.id, { v: 1, key, ...rest })).toEqual({ ok: true, delivery });
});

describe('what cannot be read says why', () => {
  test.each([
    ['another version', { v: 9 }, 'version 9'],
    ['no data', 'text', 'version none'],
    ['no body', { ...stored(order(8_000)), deflated: 'AAAA' }, 'its body cannot be inflated'],
    [
      'half a body',
      { ...stored(order(8_000)), deflated: stored(order(8_000)).deflated.slice(0, 90) },
      'inflated',
    ],
  ])('%s', (_, data, why) => {
    expect(readDelivery('dlv_1', data)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });
});
