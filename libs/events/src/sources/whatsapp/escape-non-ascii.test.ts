import { expect, test } from 'vitest';
import { cpuTimeOf } from '../../test-support/cpu-time.ts';
import { escapeNonAscii } from './escape-non-ascii.ts';

const escapeText = (text: string) => escapeNonAscii(Buffer.from(text))?.toString('latin1');

test.each([
  ['é', '\\u00e9'],
  ['J\'ai mangé des "pâtes" <b>&/\\/</b>', 'J\'ai mang\\u00e9 des "p\\u00e2tes" <b>&/\\/</b>'],
  ['みどり\n', '\\u307f\\u3069\\u308a\n'],
  ['👍🏽', '\\ud83d\\udc4d\\ud83c\\udffd'],
  ['\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff', '\x7f\\u0080\\u07ff\\u0800\\ud7ff\\ue000\\uffff'],
  ['\u{10000}\u{10ffff}', '\\ud800\\udc00\\udbff\\udfff'],
  ['\ufeff{}', '\\ufeff{}'],
])('escapeNonAscii escapes %j to %j', (text, escaped) => {
  expect(escapeText(text)).toBe(escaped);
});

test('escapeNonAscii keeps the parsed value of every Unicode character', () => {
  for (let from = 0x80; from < 0x110000; from += 0x1000) {
    const characters = Array.from({ length: 0x1000 }, (_, offset) => from + offset)
      .filter((codePoint) => codePoint < 0xd800 || (codePoint > 0xdfff && codePoint < 0x110000))
      .map((codePoint) => String.fromCodePoint(codePoint))
      .join('');
    if (characters === '') continue;
    const escaped = escapeText(JSON.stringify(characters)) ?? '';
    expect(escaped).toMatch(/^"(\\u[0-9a-f]{4})+"$/);
    expect(JSON.parse(escaped) === characters).toBe(true);
  }
});

test.each([
  ['nothing to escape', Buffer.from('{"a":"\\u00e9"}')],
  ['an empty buffer', Buffer.alloc(0)],
  ['a lone continuation byte', Buffer.from([0x22, 0x80, 0x22])],
  ['a truncated character', Buffer.from([0xe3, 0x81])],
  ['an overlong form', Buffer.from([0xc0, 0xaf])],
  ['an encoded surrogate', Buffer.from([0xed, 0xa0, 0x80])],
  ['a byte that never occurs in UTF-8', Buffer.from([0xc3, 0xa9, 0xff])],
])('escapeNonAscii returns undefined for %s', (_name, bytes) => {
  expect(escapeNonAscii(bytes)).toBeUndefined();
});

test('escapeNonAscii takes about 16 times the time for 16 times the bytes, not 256', () => {
  const timeOf = (bytes: Buffer) => {
    return Math.min(...[1, 2, 3].map(() => cpuTimeOf(() => escapeNonAscii(bytes))));
  };
  const whole = Buffer.from('é'.repeat(2 * 1024 * 1024));
  timeOf(whole);
  expect(timeOf(whole)).toBeLessThan(Math.max(timeOf(whole.subarray(0, whole.length / 16)), 1) * 100);
});
