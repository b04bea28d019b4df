import { expect, test } from 'vitest';
import { parseCreated } from './event-sender.ts';

test('reads the id of the event and ignores the rest', () => {
  const text = JSON.stringify({ event: { id: 'evt_01-a', payload: { event: { id: 'evt_other' } } } });
  expect(parseCreated(text)).toEqual({ event: { id: 'evt_01-a' } });
});

test.each([
  ['with another order of fields', '{"event":{"type":"a","id":"evt_1"}}'],
  ['with spaces', '{ "event": {"id":"evt_1","type":"a"}}'],
  ['with an empty id', '{"event":{"id":"","type":"a"}}'],
  ['with an escaped id', '{"event":{"id":"evt_\\u0031","type":"a"}}'],
  ['without an id', '{"event":{"type":"a"}}'],
  ['that is cut off', '{"event":{"id":"evt_1","type":"a'],
  ['that is an HTML page', '<html></html>'],
])('leaves a response %s to the JSON parser', (_name, text) => {
  expect(parseCreated(text)).toBeUndefined();
});
