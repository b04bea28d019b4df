import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.ts';

const secret = new Secret('hunter2');

test('reveal returns the text', () => {
  expect(secret.reveal()).toBe('hunter2');
});

test.each([
  ['a template', `${secret}`],
  ['concatenation', `a${String(secret)}`],
  ['JSON', JSON.stringify({ secret })],
  ['inspect', inspect({ deep: { list: [secret] } }, { depth: 9, showHidden: true, getters: true })],
  ['an error', String(new Error(`failed with ${secret}`))],
  ['spread', JSON.stringify({ ...secret })],
  ['a clone', inspect(structuredClone(secret))],
])('%s does not expose the text', (_, shown) => {
  expect(shown).not.toContain('hunter2');
});

test('JSON and inspect show a mask', () => {
  expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
  expect(inspect(secret)).toBe('[secret]');
});
