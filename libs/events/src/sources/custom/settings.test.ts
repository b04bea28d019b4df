import { describe, expect, test } from 'vitest';
import { customSettings } from './settings.ts';

const signature = { kind: 'hmac', header: 'X-Sig', encoding: 'hex' };
const plain = { signature, topic: { path: 'type' }, events: { '*': { name: 'somethingHappened' } } };
const { signature: _, ...rest } = plain;

const hmacWith = (change: object) => ({ ...plain, signature: { ...signature, ...change } });
const eventWith = (change: object) => ({ ...plain, events: { x: { name: 'x', ...change } } });

describe('custom settings are rejected', () => {
  test.each<[string, unknown, string]>([
    ['no signature', rest, 'signature'],
    ['an unknown kind', hmacWith({ kind: 'rsa' }), 'signature.kind'],
    ['no encoding', { ...plain, signature: { kind: 'hmac', header: 'x' } }, 'signature.encoding'],
    ['an unknown algorithm', hmacWith({ algorithm: 'md5' }), 'signature.algorithm'],
    ['a header with a space', hmacWith({ header: 'x y' }), 'signature.header'],
    [
      'a payload of the generic event',
      eventWith({ name: 'received', payload: { a: 'b' } }),
      'events.x.payload',
    ],
    ['an unsigned body', hmacWith({ signed: ['id'] }), 'signature.signed'],
    ['a body signed twice', hmacWith({ signed: ['body', 'body'] }), 'signature.signed'],
    ['an unsigned timestamp', hmacWith({ timestamp: { header: 'x' } }), 'signature.timestamp'],
    [
      'a signed timestamp without a location',
      hmacWith({ signed: ['timestamp', 'body'] }),
      'signature.signed',
    ],
    ['a tolerance without a timestamp', hmacWith({ tolerance: '5m' }), 'signature.tolerance'],
    ['an invalid tolerance', hmacWith({ tolerance: '5 minutes' }), 'signature.tolerance'],
    [
      'a timestamp key without a list',
      hmacWith({ timestamp: { key: 't' }, signed: ['timestamp', 'body'] }),
      'signature.timestamp',
    ],
    [
      'a timestamp with two locations',
      hmacWith({ timestamp: { key: 't', header: 'x' }, list: { key: 'v1' }, signed: ['timestamp', 'body'] }),
      'signature.timestamp',
    ],
    [
      'a signed id in the body',
      { ...hmacWith({ signed: ['id', 'body'] }), idempotencyKey: { path: 'id' } },
      'signature.signed',
    ],
    ['a topic without a location', { ...plain, topic: {} }, 'topic'],
    [
      'an idempotency key with two locations',
      { ...plain, idempotencyKey: { header: 'a', path: 'b' } },
      'idempotencyKey',
    ],
    ['no events', { ...plain, events: {} }, 'events'],
    ['an invalid event name', eventWith({ name: 'Odd name' }), 'events.x.name'],
    ['an invalid path', eventWith({ payload: { a: 'b..c' } }), 'events.x.payload.a'],
    ['a reserved field', eventWith({ payload: { deliveryId: 'id' } }), 'events.x.payload.deliveryId'],
    [
      'a field name of Object.prototype',
      eventWith({ payload: { constructor: 'id' } }),
      'events.x.payload.constructor',
    ],
    ['an invalid field name', eventWith({ payload: { 'a b': 'id' } }), 'events.x.payload.a b'],
    ['an unknown required field', eventWith({ payload: { a: 'a' }, required: ['b'] }), 'events.x.required.0'],
    ['an unknown key', { ...plain, fax: 1 }, ''],
    [
      'one event name with two definitions',
      { ...plain, events: { a: { name: 'x' }, b: { name: 'x', title: 'Another' } } },
      'events.b.name',
    ],
  ])('with %s', (_name, settings, path) => {
    const issues = customSettings.safeParse(settings).error?.issues ?? [];
    // Config reports only the first issue of a path.
    expect([...new Set(issues.map((issue) => issue.path.join('.')))]).toEqual([path]);
  });
});
