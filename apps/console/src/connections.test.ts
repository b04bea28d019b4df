import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsoleRig } from './test-support/console-rig.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
});

afterAll(() => rig.close());

const free = [
  { id: 'acme', source: 'shopify', botId: 'bot-a', eventsPerMinute: 120, hold: null },
  { id: 'other', source: 'linear', botId: 'bot-b', eventsPerMinute: 600, hold: null },
];
const list = async () => (await rig.get('/api/connections', { as: 'viewer' })).body;
const change = (id: string, action: string) =>
  rig.post(`/api/connections/${id}/${action}`, { note: 'bot is mended' });

test('are listed without their secrets', async () => {
  expect(await list()).toEqual({ connections: free });
});

test('are held and released, and both leave a line', async () => {
  const held = await change('acme', 'hold');
  const hold = { by: 'operator', reason: 'bot is mended', since: expect.any(Number), waiting: 0 };
  expect(held).toMatchObject({ status: 200, body: { id: 'acme', hold } });
  expect(await list()).toEqual({ connections: [{ ...free[0], hold }, free[1]] });
  expect((await change('acme', 'release')).body).toEqual(free[0]);
  expect(await list()).toEqual({ connections: free });
  expect((await rig.get('/api/audit')).body).toMatchObject({
    lines: [
      { action: 'release', who: 'olga', reason: 'bot is mended', about: { connection: 'acme' } },
      { action: 'hold', who: 'olga', about: { connection: 'acme' } },
    ],
  });
});

test('that are not there cannot be held, those that are not held cannot be released', async () => {
  expect((await change('acne', 'hold')).status).toBe(404);
  expect((await change('acne', 'release')).status).toBe(404);
  expect(await change('acme', 'release')).toMatchObject({
    status: 409,
    body: { detail: 'acme is not held' },
  });
  expect((await change('A_B', 'hold')).status).toBe(400);
  expect((await rig.post('/api/connections/acme/hold', {})).status).toBe(400);
});
