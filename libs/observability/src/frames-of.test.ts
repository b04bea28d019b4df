import { expect, test } from 'vitest';
import { stackFrames } from './frames-of.ts';

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

test('says where, and nothing of what the message quotes', () => {
  const error = parse('canary-of-the-body');
  expect(String(error)).toContain('canary');
  expect(stackFrames(error)).toMatch(/^at JSON\.parse .*\nat parse .*frames-of\.test\.ts/);
  expect(stackFrames(error)).not.toContain('canary');
});

test('a message of several lines is not taken for frames; what is no error has none', () => {
  expect(stackFrames(new Error('one\n    at canary (two)'))).not.toContain('canary');
  expect(stackFrames('canary')).toBe('');
  expect(stackFrames(undefined)).toBe('');
});
