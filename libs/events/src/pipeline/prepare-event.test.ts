import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvent } from '../definitions/define-event.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { mapDelivery } from './prepare-event.ts';

const delivery: Delivery = {
  id: 'dlv_1',
  connection: 'acme',
  source: 'test',
  topic: 'thing.made',
  idempotencyKey: 'key',
  receivedAt: 0,
  body: '{"count":3,"secret":"hunter2"}',
  headers: {},
};

const define = (map: (input: { count: number }) => { count: number }) =>
  defineEvent({
    name: 'thingMade',
    title: 'Thing made',
    description: 'A thing was made.',
    topic: 'thing.made',
    input: z.looseObject({ count: z.number() }),
    schema: z.object({ count: z.number().max(10) }),
    map,
  });

test('mapDelivery returns the event with the id of its delivery', () => {
  const mapping = mapDelivery(
    define(({ count }) => ({ count })),
    delivery,
    {},
  );
  expect(mapping).toEqual({
    ok: true,
    event: { type: 'thingMade', payload: { count: 3, deliveryId: 'dlv_1' } },
  });
});

test.each([
  [
    'invalid_input',
    '{"count":"three"}',
    [{ path: 'count', message: expect.stringContaining('expected number') }],
  ],
  ['invalid_input', '[]', [{ path: '', message: expect.stringContaining('expected object') }]],
  ['invalid_input', 'no json', []],
  ['invalid_event', '{"count":11}', [{ path: 'count', message: expect.stringContaining('10') }]],
])('mapDelivery reports %s for the body %s', (reason, body, issues) => {
  const mapping = mapDelivery(
    define(({ count }) => ({ count })),
    { ...delivery, body },
    {},
  );
  expect(mapping).toMatchObject({ ok: false, reason, issues });
});

test('mapDelivery reports the error name and event of a mapper that throws, without its message', () => {
  const mapper = (input: { count: number }) => {
    throw new TypeError(`cannot read ${JSON.stringify(input)}`);
  };
  const mapping = mapDelivery(define(mapper), delivery, {});
  expect(mapping).toMatchObject({
    ok: false,
    reason: 'mapper_threw',
    message: 'mapper of thingMade: TypeError',
  });
  expect(JSON.stringify(mapping)).not.toContain('hunter2');
});
