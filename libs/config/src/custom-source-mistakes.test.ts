import { expect, test } from 'vitest';
import { mistakesOf } from './test-support/connections-file.ts';

const RIGHT = `connections:
  - id: acme
    source: custom
    secrets: [s3cret-a]
    settings:
      signature: { kind: hmac, header: X-Sig, encoding: hex }
      topic: { path: type }
      events:
        paid: { name: invoicePaid, payload: { amount: data.amount } }
    botpress: { botId: bot, token: t0ken-a }`;

test('a right one has no mistakes', () => {
  expect(mistakesOf(RIGHT)).toEqual([]);
});

test.each([
  ['kind: hmac', 'kind: rsa', '6:26  connections[0].settings.signature.kind  should be one of hmac, token'],
  ['kind: hmac, ', '', '6:7  connections[0].settings.signature.kind  is missing'],
  [
    'encoding: hex',
    'encodng: hex',
    '6:7  connections[0].settings.signature.encoding  should be one of hex, base64  — encoding of the signature: hex or base64',
  ],
  [
    'encoding: hex',
    'encodng: hex',
    '6:47  connections[0].settings.signature  unknown key "encodng"  — did you mean "encoding"?',
  ],
  [
    'encoding: hex',
    'encoding: hex, signed: [timestamp, body]',
    '6:70  connections[0].settings.signature.signed  contains timestamp, but its location is missing: add timestamp  — signed parts in order: body, timestamp, id (the idempotency key), and any other text literally',
  ],
  [
    'path: type',
    'path: a..b',
    '7:22  connections[0].settings.topic.path  is not a path like data.object.id or items.0.id',
  ],
  [
    'path: type',
    'field: type',
    '7:16  connections[0].settings.topic  unknown key "field"  — known here: header, path',
  ],
  [
    'name: invoicePaid',
    'name: invoice.paid',
    '9:23  connections[0].settings.events.paid.name  is not an event name: camelCase, letters and digits, at most 200, like invoicePaid  — name of the event at Botpress, like invoicePaid',
  ],
  [
    'name: invoicePaid',
    'nam: invoicePaid',
    '9:17  connections[0].settings.events.paid  unknown key "nam"  — did you mean "name"?',
  ],
  [
    'amount: data.amount',
    'deliveryId: data.amount',
    '9:47  connections[0].settings.events.paid.payload  deliveryId is reserved: Sluice adds it  — fields picked from the body, like amount: data.amount; without it, data is the whole body',
  ],
])('%s → %s', (right, wrong, expected) => {
  const mistakes = mistakesOf(RIGHT.replace(right, wrong));
  expect(mistakes.join('\n')).toContain(`c.yaml:${expected}`);
});
