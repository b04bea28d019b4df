import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const repository = fileURLToPath(new URL('..', import.meta.url));

/** Runs a check of scripts/ and returns its output if it fails. */
function failuresOf(script: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`scripts/${script}`], {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

test('code, documentation and user interface contain no banned words', () => {
  expect(failuresOf('check-language.mjs')).toBe('');
});

test('the glossary lists every domain type that the libraries export, and no other', () => {
  expect(failuresOf('check-glossary.mjs')).toBe('');
});
