import { freePort, makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleRig } from './test-support/console-rig.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  const env = {
    SLUICE_PUBLIC_URL: 'https://in.example.com/',
    SLUICE_INGEST_URL: `http://127.0.0.1:${await freePort()}`,
  };
  rig = await ConsoleRig.open({ startRedis, makeDelivery }, { env });
});

afterAll(() => rig.close());

const free = [
  { id: 'acme', source: 'shopify', botId: 'bot-a', eventsPerMinute: 120, hold: null },
  { id: 'other', source: 'linear', botId: 'bot-b', eventsPerMinute: 600, hold: null },
];
const list = async () => (await rig.get('/api/connections', { as: 'viewer' })).body;
const change = (id: string, action: string) =>
  rig.post(`/api/connections/${id}/${action}`, { note: 'bot is mended' });

test('are listed with how they are set up, without their secrets', async () => {
  const { body, text } = await rig.get('/api/connections', { as: 'viewer' });
  expect(body).toMatchObject({ connections: free });
  const [acme, other] = (body as { connections: readonly Record<string, unknown>[] }).connections;
  expect(acme).toMatchObject({
    webhookUrl: 'https://in.example.com/webhooks/acme',
    topics: expect.arrayContaining([{ topic: 'orders/create', event: 'newOrderCreated' }]),
    ...{ share: 1, samples: expect.arrayContaining(['orders/create']) },
    setUp: expect.arrayContaining([expect.stringContaining('https://in.example.com/webhooks/acme')]),
  });
  expect(other?.topics).toContainEqual({ topic: 'Issue.create', event: 'issueCreated' });
  expect(text).not.toContain('{url}');
  expect(text).not.toMatch(/webhook-secret-of|botpress-token-of/);
});

describe('a test', () => {
  const send = (body: object, id = 'acme', as: 'operator' | 'viewer' = 'operator') =>
    rig.post(`/api/connections/${id}/test`, body, { as });

  test('where ingest is away says so, and has left its line', async () => {
    const { status, body } = await send({ note: 'new secret' });
    expect(status).toBe(503);
    expect(body).toMatchObject({
      detail: expect.stringContaining('ingest does not answer at http://127.0.0.1:'),
    });
    expect((await rig.get('/api/audit?limit=1')).body).toMatchObject({
      lines: [{ action: 'test', who: 'olga', reason: 'new secret', about: { connection: 'acme' } }],
    });
  });

  test('needs a sample, a connection, a note and an operator; an address is not taken', async () => {
    expect(await send({ note: 'x', topic: 'orders/none' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('there are: orders/create') },
    });
    expect((await send({ note: 'x' }, 'acne')).status).toBe(404);
    expect((await send({})).status).toBe(400);
    expect((await send({ note: 'x', url: 'http://10.0.0.1' })).status).toBe(400);
    expect((await send({ note: 'x' }, 'acme', 'viewer')).status).toBe(403);
  });
});

test('are held and released, and both leave a line', async () => {
  const held = await change('acme', 'hold');
  const hold = { by: 'operator', reason: 'bot is mended', since: expect.any(Number), waiting: 0 };
  expect(held).toMatchObject({ status: 200, body: { id: 'acme', hold } });
  expect(await list()).toMatchObject({ connections: [{ ...free[0], hold }, free[1]] });
  expect((await change('acme', 'release')).body).toEqual(free[0]);
  expect(await list()).toMatchObject({ connections: free });
  expect((await rig.get('/api/audit?limit=2')).body).toMatchObject({
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
