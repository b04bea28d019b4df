import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const repository = fileURLToPath(new URL('..', import.meta.url));

interface Violations {
  readonly upward: readonly string[];
  readonly cycles: readonly string[];
  readonly long: readonly string[];
  readonly bullmq: readonly string[];
}

const { stdout } = spawnSync(process.execPath, ['scripts/check-layers.mjs', '--json'], {
  cwd: repository,
  encoding: 'utf8',
});
const found = JSON.parse(stdout) as Violations;

test('folders of libs/queue and apps/console import only folders below them, type imports included', () => {
  expect(found.upward).toEqual([]);
});

test('no files of an app or library import each other in a cycle, type imports included', () => {
  expect(found.cycles).toEqual([]);
});

test('no production file has more than 400 lines', () => {
  expect(found.long).toEqual([]);
});

test('only libs/queue/src/bullmq imports bullmq', () => {
  expect(found.bullmq).toEqual([]);
});
