import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const defaults = {
  port: 3002,
  host: '127.0.0.1',
  dataFolder: undefined,
  keep: 20_000,
  modes: {},
};

test('uses defaults for absent and empty variables', () => {
  expect(readSettings({})).toEqual({ ok: true, settings: defaults });
  expect(readSettings({ SLUICE_SANDBOX_PORT: '', SLUICE_SANDBOX_DATA: '' })).toEqual({
    ok: true,
    settings: defaults,
  });
});

test('reads every variable', () => {
  const env = {
    SLUICE_SANDBOX_PORT: '0',
    SLUICE_SANDBOX_HOST: '0.0.0.0',
    SLUICE_SANDBOX_DATA: '/data',
    SLUICE_SANDBOX_KEEP: '5',
    SLUICE_SANDBOX_EVENTS_PER_MINUTE: '1200',
  };
  const settings = {
    port: 0,
    host: '0.0.0.0',
    dataFolder: '/data',
    keep: 5,
    modes: { eventsPerMinute: 1200 },
  };
  expect(readSettings(env)).toEqual({ ok: true, settings });
  expect(readSettings({ SLUICE_SANDBOX_EVENTS_PER_MINUTE: 'unlimited' })).toMatchObject({
    settings: { modes: { eventsPerMinute: null } },
  });
});

test('names each invalid variable', () => {
  const env = {
    SLUICE_SANDBOX_PORT: '70000',
    SLUICE_SANDBOX_KEEP: 'many',
    SLUICE_SANDBOX_EVENTS_PER_MINUTE: 'many',
  };
  expect(readSettings(env)).toEqual({
    ok: false,
    issues: [
      'SLUICE_SANDBOX_PORT must be at most 65535',
      'SLUICE_SANDBOX_KEEP must be a number',
      'SLUICE_SANDBOX_EVENTS_PER_MINUTE must be 1 to 100000000, null for no limit',
    ],
  });
});
