import { expect, test } from 'vitest';
import type { VerifiedWebhook } from './webhook.ts';
import { parseWebhook } from './webhook.ts';

const parse = (body: string | Buffer) =>
  parseWebhook({ headers: {}, receivedAt: 0, body: Buffer.from(body) } as unknown as VerifiedWebhook);

test('returns the exact text with the parsed value', () => {
  const text = '{"id": 820982911946154508, "name":"Jörg \\u00df"}';
  expect(parse(text)).toMatchObject({ ok: true, parsed: { text, json: { name: 'Jörg ß' } } });
});

test.each([
  ['invalid UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'the body is not valid UTF-8'],
  ['UTF-16', Buffer.from('{}', 'utf16le'), 'the body is not valid JSON'],
  ['text that is not JSON', 'secret words', 'the body is not valid JSON'],
  ['zero bytes', '', 'the body is not valid JSON'],
  ['a hundred thousand arrays', '['.repeat(100_000), 'the body is nested deeper than 100 levels'],
  [
    'nested objects',
    `${'{"a":'.repeat(101)}1${'}'.repeat(101)}`,
    'the body is nested deeper than 100 levels',
  ],
])('rejects a body of %s without quoting it', (_name, body, detail) => {
  expect(parse(body)).toEqual({ ok: false, detail });
});

test('counts brackets outside of strings only', () => {
  expect(parse(JSON.stringify({ text: '[{"\\'.repeat(1_000), list: [[1], [2]] })).ok).toBe(true);
  expect(parse(`${'['.repeat(100)}${']'.repeat(100)}`).ok).toBe(true);
});
