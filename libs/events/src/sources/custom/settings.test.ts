import { describe, expect, test } from 'vitest';
import { customSettings } from './settings.ts';

const signature = { kind: 'hmac', header: 'X-Sig', encoding: 'hex' };
const plain = { signature, topic: { path: 'type' }, events: { '*': { name: 'somethingHappened' } } };
const { signature: _, ...rest } = plain;

const hmacWith = (change: object) => ({ ...plain, signature: { ...signature, ...change } });
const eventWith = (change: object) => ({ ...plain, events: { x: { name: 'x', ...change } } });

describe('settings are refused', () => {
  test.each<[string, unknown, string]>([
    ['no signature', rest, 'signature'],
    ['an unknown kind', hmacWith({ kind: 'rsa' }), 'signature.kind'],
    ['no encoding', { ...plain, signature: { kind: 'hmac', header: 'x' } }, 'signature.encoding'],
    ['an odd algorithm', hmacWith({ algorithm: 'md5' }), 'signature.algorithm'],
    ['a header with a space', hmacWith({ header: 'x y' }), 'signature.header'],
    ['an unsigned body', hmacWith({ signed: ['id'] }), 'signature.signed'],
    ['a body signed twice', hmacWith({ signed: ['body', 'body'] }), 'signature.signed'],
    ['an unsigned timestamp', hmacWith({ timestamp: { header: 'x' } }), 'signature.timestamp'],
    ['a timestamp from nowhere', hmacWith({ signed: ['timestamp', 'body'] }), 'signature.signed'],
    ['a tolerance of nothing', hmacWith({ tolerance: '5m' }), 'signature.tolerance'],
    ['an odd tolerance', hmacWith({ tolerance: '5 minutes' }), 'signature.tolerance'],
    [
      'a key without a list',
      hmacWith({ timestamp: { key: 't' }, signed: ['timestamp', 'body'] }),
      'signature.timestamp',
    ],
    [
      'a timestamp in two places',
      hmacWith({ timestamp: { key: 't', header: 'x' }, list: { key: 'v1' }, signed: ['timestamp', 'body'] }),
      'signature.timestamp',
    ],
    [
      'an id from the body',
      { ...hmacWith({ signed: ['id', 'body'] }), idempotencyKey: { path: 'id' } },
      'signature.signed',
    ],
    ['a topic from nowhere', { ...plain, topic: {} }, 'topic'],
    ['a key from two places', { ...plain, idempotencyKey: { header: 'a', path: 'b' } }, 'idempotencyKey'],
    ['no events', { ...plain, events: {} }, 'events'],
    ['an odd event name', eventWith({ name: 'Odd name' }), 'events.x.name'],
    ['an odd path', eventWith({ payload: { a: 'b..c' } }), 'events.x.payload.a'],
    ['a taken field', eventWith({ payload: { deliveryId: 'id' } }), 'events.x.payload.deliveryId'],
    [
      'a field of every object',
      eventWith({ payload: { constructor: 'id' } }),
      'events.x.payload.constructor',
    ],
    ['an odd field', eventWith({ payload: { 'a b': 'id' } }), 'events.x.payload.a b'],
    [
      'a required field that is not there',
      eventWith({ payload: { a: 'a' }, required: ['b'] }),
      'events.x.required.0',
    ],
    ['a key too many', { ...plain, fax: 1 }, ''],
    [
      'one name for two shapes',
      { ...plain, events: { a: { name: 'x' }, b: { name: 'x', title: 'Another' } } },
      'events.b.name',
    ],
  ])('with %s', (_name, settings, path) => {
    const issues = customSettings.safeParse(settings).error?.issues ?? [];
    // Only the first of a place is told.
    expect([...new Set(issues.map((issue) => issue.path.join('.')))]).toEqual([path]);
  });
});
