import { expect, test } from 'vitest';
import { parseCreated } from './event-sender.ts';

test('the id of an event, whatever follows', () => {
  const text = JSON.stringify({ event: { id: 'evt_01-a', payload: { event: { id: 'evt_other' } } } });
  expect(parseCreated(text)).toEqual({ event: { id: 'evt_01-a' } });
});

test.each([
  ['another order', '{"event":{"type":"a","id":"evt_1"}}'],
  ['spaces', '{ "event": {"id":"evt_1","type":"a"}}'],
  ['an empty id', '{"event":{"id":"","type":"a"}}'],
  ['an escaped id', '{"event":{"id":"evt_\\u0031","type":"a"}}'],
  ['no id', '{"event":{"type":"a"}}'],
  ['cut off', '{"event":{"id":"evt_1","type":"a'],
  ["a proxy's page", '<html></html>'],
])('%s is left to JSON', (_name, text) => {
  expect(parseCreated(text)).toBeUndefined();
});
