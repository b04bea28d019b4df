import { expect, test } from 'vitest';
import { problemsOf } from './test-support/connections-file.ts';

const VALID = `connections:
  - id: acme
    source: custom
    secrets: [s3cret-a]
    settings:
      signature: { kind: hmac, header: X-Sig, encoding: hex }
      topic: { path: type }
      events:
        paid: { name: invoicePaid, payload: { amount: data.amount } }
    botpress: { botId: bot, token: t0ken-a }`;

test('accepts a valid custom source', () => {
  expect(problemsOf(VALID)).toEqual([]);
});

test.each([
  ['kind: hmac', 'kind: rsa', '6:26: connections[0].settings.signature.kind must be one of hmac, token'],
  ['kind: hmac, ', '', '6:7: connections[0].settings.signature.kind is missing'],
  [
    'encoding: hex',
    'encodng: hex',
    '6:7: connections[0].settings.signature.encoding must be one of hex, base64. Expected: encoding of the signature: hex or base64.',
  ],
  [
    'encoding: hex',
    'encodng: hex',
    '6:47: connections[0].settings.signature has the unknown key "encodng". Did you mean "encoding"?',
  ],
  [
    'encoding: hex',
    'encoding: hex, signed: [timestamp, body]',
    '6:70: connections[0].settings.signature.signed contains timestamp, but its location is missing: add timestamp. Expected: signed parts in order: body, timestamp, id (the idempotency key), and any other text literally.',
  ],
  [
    'path: type',
    'path: a..b',
    '7:22: connections[0].settings.topic.path is not a path like data.object.id or items.0.id',
  ],
  [
    'path: type',
    'field: type',
    '7:16: connections[0].settings.topic has the unknown key "field". Known keys: header, path',
  ],
  [
    'name: invoicePaid',
    'name: invoice.paid',
    '9:23: connections[0].settings.events.paid.name is not an event name: camelCase, letters and digits, at most 200, like invoicePaid. Expected: name of the event at Botpress, like invoicePaid.',
  ],
  [
    'name: invoicePaid',
    'nam: invoicePaid',
    '9:17: connections[0].settings.events.paid has the unknown key "nam". Did you mean "name"?',
  ],
  [
    'amount: data.amount',
    'deliveryId: data.amount',
    '9:47: connections[0].settings.events.paid.payload is invalid: deliveryId is reserved: Sluice adds it. Expected: fields picked from the body, like amount: data.amount; without it, data is the whole body.',
  ],
])('reports a custom source with %s replaced by "%s"', (valid, invalid, expected) => {
  const problems = problemsOf(VALID.replace(valid, invalid));
  expect(problems.join('\n')).toContain(`c.yaml:${expected}`);
});
