import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createProgram } from './cli.ts';
import { renderCliReference } from './cli-reference.ts';
import { run } from './test-support/run.ts';

test('docs/reference/cli.md is up to date (npm run docs -w apps/cli)', () => {
  const committed = readFileSync(new URL('../../../docs/reference/cli.md', import.meta.url), 'utf8');
  expect(committed).toBe(renderCliReference());
});

const program = createProgram(
  {
    out() {},
    err() {},
    async write() {},
    async *readLines() {},
    clock: { now: () => 0, delay: async () => {} },
  },
  () => {},
);
const commands = program.commands.flatMap((command) => [command, ...command.commands]);

test.each(commands.map((command) => [command.name(), command] as const))(
  'describes %s in one imperative clause and its options as noun phrases',
  (_, command) => {
    expect(command.description()).toMatch(/^[A-Z][^.]*[^.]$/);
    for (const { description } of command.options)
      expect(description).toMatch(/^(?:[a-z]|JSON|NDJSON|HTTP)[\s\S]*[^.]$/);
  },
);

test('prints the filter options in their own section of the help', async () => {
  const { out } = await run('dead-letters', 'list', '--help');
  expect(out).toMatch(/\nFilter options:\n +--connection <id>[\s\S]*\n +--having <name=value>/);
});
