import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineEvent, type EventDefinition } from '../definitions/define-event.ts';
import type { SourceDefinition } from '../definitions/define-source.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { createSourceRegistry } from '../registry.ts';
import { chooseEvents } from './choose-events.ts';
import { exceedsLimit, type FullBodySetting, fullBodySetting, selectFullBody } from './full-body.ts';
import { prepareEvent } from './prepare-event.ts';

const body = {
  id: 7,
  customer: { email: 'ada@example.com', phone: null },
  line_items: [{ title: 'Mug', tags: ['a', 'b'] }, { title: 'Cap', tags: [] }, { title: null }],
};

describe('selectFullBody', () => {
  const event = { type: 'made', payload: { id: 7, fullBody: body } };
  const select = (setting: FullBodySetting) => selectFullBody(event, 'fullBody', setting).payload;

  test('returns the same event for true, and for an event without a full body', () => {
    expect(selectFullBody(event, 'fullBody', true)).toBe(event);
    expect(selectFullBody(event, undefined, false)).toBe(event);
    expect(selectFullBody(event, 'data', false)).toBe(event);
  });

  test('removes the full body for false', () => {
    expect(select(false)).toEqual({ id: 7 });
  });

  test.each<[string[], unknown]>([
    [['id'], { id: 7 }],
    [['customer'], { customer: body.customer }],
    [['customer.email', 'customer.phone', 'id'], { id: 7, customer: body.customer }],
    [['customer.phone'], { customer: { phone: null } }],
    [['customer', 'customer.email'], { customer: body.customer }],
    [['line_items.1.title'], { line_items: [null, { title: 'Cap' }] }],
    [['line_items.*.title'], { line_items: [{ title: 'Mug' }, { title: 'Cap' }, { title: null }] }],
    [['line_items.*.tags.0'], { line_items: [{ tags: ['a'] }] }],
    [
      ['line_items.*.title', 'line_items.0'],
      { line_items: [body.line_items[0], { title: 'Cap' }, { title: null }] },
    ],
    [['missing', 'id.deep', 'line_items.9', 'line_items.length', 'constructor', '*'], {}],
  ])('keeps only the paths %j', (paths, picked) => {
    expect(select(paths)).toEqual({ id: 7, fullBody: picked });
  });

  test('picks a field named __proto__ as a field', () => {
    const tricky = { type: 'made', payload: { fullBody: JSON.parse('{"__proto__":{"x":1},"y":2}') } };
    const { payload } = selectFullBody(tricky, 'fullBody', ['__proto__.x']);
    expect(JSON.stringify(payload)).toBe('{"fullBody":{"__proto__":{"x":1}}}');
  });
});

test.each([[['$']], [['a..b']], [[]], ['all'], [[7]]])('fullBody: %j is rejected', (setting) => {
  expect(fullBodySetting.safeParse(setting).success).toBe(false);
});

describe('exceedsLimit', () => {
  test('measures the bytes of the serialized event', () => {
    const event = { type: 'made', payload: { text: 'ü'.repeat(100) } };
    const bytes = Buffer.byteLength(JSON.stringify(event));
    expect([exceedsLimit(event, bytes, bytes), exceedsLimit(event, bytes, bytes - 1)]).toEqual([false, true]);
  });

  // What grows most when it is parsed and serialized again, beside fields that repeat all of it.
  test.each(['[1e20,1E20,1e20]', '["\u3042\u3042\u3042"]', '{"a":"\\u0001\\ud800"}', '[9e9,9e-7]'])(
    'never skips an event that is too large: %s',
    (text) => {
      const long = `[${Array.from({ length: 500 }, () => text).join(',')}]`;
      const json: unknown = JSON.parse(long);
      const event = { type: 'made', payload: { deliveryId: 'dlv_1', repeated: json, fullBody: json } };
      const bytes = Buffer.byteLength(JSON.stringify(event));
      expect(bytes).toBeGreaterThan(10_000);
      expect(exceedsLimit(event, long.length, bytes - 1)).toBe(true);
    },
  );
});

const delivery = (text: string): Delivery => ({
  id: 'dlv_1',
  connection: 'acme',
  source: 'test',
  topic: 'made',
  idempotencyKey: 'key',
  receivedAt: 0,
  body: text,
  headers: {},
});

describe('prepareEvent', () => {
  const define = (schema: z.ZodObject, map: (input: unknown) => Record<string, unknown>) =>
    defineEvent({
      name: 'thingMade',
      title: 'Thing made',
      description: 'A thing was made.',
      topic: 'made',
      input: z.looseObject({ id: z.number() }),
      schema,
      map,
    }) as EventDefinition;
  const whole = define(
    z.object({ id: z.number(), fullBody: z.record(z.string(), z.unknown()) }),
    (input) => ({
      id: (input as { id: number }).id,
      fullBody: input,
    }),
  );
  const copied = define(z.object({ text: z.string() }), (input) => ({ text: JSON.stringify(input) }));
  const prepare = (
    definition: EventDefinition,
    text: string,
    eventBytes: number,
    fullBody?: FullBodySetting,
  ) =>
    prepareEvent(
      {
        source: { events: [] } as unknown as SourceDefinition,
        events: new Map([['made', definition]]),
        settings: {},
        limits: { eventBytes },
        ...(fullBody === undefined ? {} : { fullBody }),
      },
      delivery(text),
    );
  const thing = (length: number) => JSON.stringify({ id: 7, note: 'x'.repeat(length) });

  test('keeps the full body up to the limit and leaves it out above', () => {
    const small = prepare(whole, thing(100), 1_000);
    expect(small).toMatchObject({ kind: 'ready', fullBody: 'fullBody', event: { payload: { id: 7 } } });
    const size = Buffer.byteLength(JSON.stringify((small as { event: object }).event));
    expect(prepare(whole, thing(100), size)).toEqual(small);
    const payload = { id: 7, deliveryId: 'dlv_1', fullBodyLeftOut: true };
    expect(prepare(whole, thing(100), size - 1)).toEqual({
      kind: 'ready',
      event: { type: 'thingMade', payload },
    });
  });

  test('applies the limit to the selected part of the body', () => {
    const { kind, ...rest } = prepare(whole, thing(5_000), 1_000, ['id']);
    expect([kind, rest]).toMatchObject(['ready', { event: { payload: { fullBody: { id: 7 } } } }]);
    expect(JSON.stringify(rest)).not.toContain('LeftOut');
    expect(prepare(whole, thing(5_000), 1_000, false)).toEqual({
      kind: 'ready',
      event: { type: 'thingMade', payload: { id: 7, deliveryId: 'dlv_1' } },
    });
  });

  test('rejects an event that is too large without its full body, and names the limit', () => {
    expect(prepare(whole, thing(5_000), 20)).toEqual({
      kind: 'dead',
      reason: 'too_large',
      message: 'thingMade has more than 20 bytes (limits.eventBytes) even without its full body',
      event: 'thingMade',
    });
    expect(prepare(copied, thing(5_000), 1_000)).toMatchObject({
      reason: 'too_large',
      message: 'thingMade has more than 1000 bytes (limits.eventBytes)',
    });
  });
});

/** The field of the full body of each built-in event that has one. */
const bodies = [...createSourceRegistry().values()].flatMap((source) =>
  source.events.map((event) => ({ name: `${source.name} ${event.name}`, event })),
);

test.each(bodies)('$name is valid with and without its full body', ({ event }) => {
  const { fullBody, schema } = event;
  const { shape } = schema;
  expect('fullBodyLeftOut' in shape).toBe(fullBody !== undefined);
  expect('fullBody' in shape).toBe(fullBody !== undefined);
  if (fullBody === undefined) return;
  expect(shape[fullBody]?.safeParse(undefined).success).toBe(true);
  expect(shape.fullBodyLeftOut?.safeParse(true).success).toBe(true);
});

test('events of settings have data as their full body, except those with picked fields', () => {
  const registry = createSourceRegistry();
  const standard = chooseEvents(registry.get('standard-webhooks') as SourceDefinition, {
    events: { '*': 'somethingHappened' },
  });
  const custom = chooseEvents(registry.get('custom') as SourceDefinition, {
    events: {
      a: { name: 'passedOn', required: [] },
      b: { name: 'picked', payload: { id: 'id' }, required: [] },
    },
  });
  const fieldsOf = (choice: typeof standard) =>
    choice.ok ? [...choice.events.values()].map((event) => event?.fullBody) : [];
  expect([fieldsOf(standard), fieldsOf(custom)]).toEqual([['data'], ['data', undefined]]);
});
