import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createModes, environmentName, MODES, type ModeName, readModes } from './modes.ts';

const names = Object.keys(MODES) as ModeName[];

test('the README lists every mode with its values, default, effect and source', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const section = readme.slice(readme.indexOf('### Modes'), readme.indexOf('## Source files'));
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  expect(rows).toEqual(
    names.map((name) => {
      const { values, initial, effect, source } = MODES[name];
      return `| \`${name}\` | ${values} | \`${JSON.stringify(initial)}\` | ${effect} | ${source} |`;
    }),
  );
});

test('every default is an allowed value', () => {
  for (const name of names) expect(MODES[name].schema.safeParse(MODES[name].initial).success).toBe(true);
});

test('reads each mode from its environment variable and reports invalid values', () => {
  expect(environmentName('statusDelayMs')).toBe('SLUICE_SANDBOX_STATUS_DELAY_MS');
  expect(readModes({ SLUICE_SANDBOX_STATUS_DELAY_MS: '5' })).toEqual({
    modes: { statusDelayMs: 5 },
    issues: [],
  });
  const env = { SLUICE_SANDBOX_EVENT_TYPE: 'prefixed', SLUICE_SANDBOX_COUNT_READS: 'true' };
  expect(readModes(env).modes).toEqual({ eventType: 'prefixed', countReads: true });
  expect(readModes({ SLUICE_SANDBOX_WORKSPACE_CALLS_PER_SECOND: 'unlimited' }).modes).toEqual({
    workspaceCallsPerSecond: null,
  });
  expect(readModes({ SLUICE_SANDBOX_STATUS_DELAY_MS: 'soon' })).toEqual({
    modes: {},
    issues: ['SLUICE_SANDBOX_STATUS_DELAY_MS must be 0 to 86400000'],
  });
});

test('a reset restores the modes of the start', () => {
  const modes = createModes({ statusDelayMs: 5 });
  modes.set({ statusDelayMs: 7 });
  expect(modes.get('statusDelayMs')).toBe(7);
  modes.reset();
  expect(modes.all()).toMatchObject({ statusDelayMs: 5 });
});
