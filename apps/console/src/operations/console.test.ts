import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsoleRig, TOKENS } from '../test-support/console-rig.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  const env = {
    SLUICE_NOTIFY_URL: 'https://hooks.example.com/canary',
    SLUICE_PUBLIC_URL: 'https://in.example.com/',
  };
  rig = await ConsoleRig.open({ startRedis, makeDelivery }, { env });
});

afterAll(() => rig.close());

test('settings have name, value and description; secrets are shown as set, tokens by user', async () => {
  const { status, body, text } = await rig.get('/api/settings', { as: 'viewer' });
  expect(status).toBe(200);
  const { groups, tokens, versions } = body as {
    groups: readonly { name: string; settings: readonly { name: string; value: string; about: string }[] }[];
    tokens: unknown;
    versions: Record<string, string>;
  };
  const all = new Map(groups.flatMap(({ settings }) => settings.map(({ name, value }) => [name, value])));
  expect(Object.fromEntries(all)).toMatchObject({
    ...{ SLUICE_CONSOLE_HOST: '127.0.0.1', SLUICE_NOTIFY_URL: 'set', SLUICE_NOTIFY_DEAD: '50' },
    ...{ SLUICE_PUBLIC_URL: 'https://in.example.com', SLUICE_QUEUE_PREFIX: '{console}' },
  });
  for (const { about } of groups.flatMap(({ settings }) => settings)) expect(about).not.toBe('');
  expect(tokens).toEqual([
    { name: 'vera', role: 'viewer' },
    { name: 'olga', role: 'operator' },
  ]);
  expect(versions).toEqual({ Sluice: expect.stringMatching(/^\d+\.\d+\.\d+/), Node: process.versions.node });
  for (const secret of ['canary', TOKENS.viewer, TOKENS.operator]) expect(text).not.toContain(secret);
});
