import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.ts';

const secret = new Secret('hunter2');

test('a secret is given away by reveal alone', () => {
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
])('%s does not show it', (_, shown) => {
  expect(shown).not.toContain('hunter2');
});

test('what is shown says that something is there', () => {
  expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
  expect(inspect(secret)).toBe('[secret]');
});
