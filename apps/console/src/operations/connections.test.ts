import { freePort, makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleRig } from '../test-support/console-rig.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  const env = {
    SLUICE_PUBLIC_URL: 'https://in.example.com/',
    SLUICE_INGEST_URL: `http://127.0.0.1:${await freePort()}`,
  };
  rig = await ConsoleRig.open({ startRedis, makeDelivery }, { env });
});

afterAll(() => rig.close());

const active = [
  { id: 'acme', source: 'shopify', botId: 'bot-a', eventsPerMinute: 120, hold: null },
  { id: 'other', source: 'linear', botId: 'bot-b', eventsPerMinute: 600, hold: null },
];
const list = async () => (await rig.get('/api/connections', { as: 'viewer' })).body;
const change = (id: string, action: string) =>
  rig.post(`/api/connections/${id}/${action}`, { note: 'bot is fixed' });

test('lists connections with their setup and without secrets', async () => {
  const { body, text } = await rig.get('/api/connections', { as: 'viewer' });
  expect(body).toMatchObject({ connections: active });
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

describe('testConnection', () => {
  const send = (body: object, id = 'acme', as: 'operator' | 'viewer' = 'operator') =>
    rig.post(`/api/connections/${id}/test`, body, { as });

  test('returns 503 without ingest, and writes an audit entry', async () => {
    const { status, body } = await send({ note: 'new secret' });
    expect(status).toBe(503);
    expect(body).toMatchObject({
      detail: expect.stringContaining('Ingest does not answer at http://127.0.0.1:'),
    });
    expect((await rig.get('/api/audit?limit=1')).body).toMatchObject({
      lines: [{ action: 'test', who: 'olga', reason: 'new secret', about: { connection: 'acme' } }],
    });
  });

  test('requires a sample, a connection, a note and an operator, and accepts no URL', async () => {
    expect(await send({ note: 'x', topic: 'orders/none' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('Topics with a sample: orders/create') },
    });
    expect((await send({ note: 'x' }, 'acne')).status).toBe(404);
    expect((await send({})).status).toBe(400);
    expect((await send({ note: 'x', url: 'http://10.0.0.1' })).status).toBe(400);
    expect((await send({ note: 'x' }, 'acme', 'viewer')).status).toBe(403);
  });
});

test('pauses and resumes a connection, and writes an audit entry for each', async () => {
  const paused = await change('acme', 'pause');
  const hold = { by: 'operator', reason: 'bot is fixed', since: expect.any(Number), waiting: 0 };
  expect(paused).toMatchObject({ status: 200, body: { id: 'acme', hold } });
  expect(await list()).toMatchObject({ connections: [{ ...active[0], hold }, active[1]] });
  expect((await change('acme', 'resume')).body).toEqual(active[0]);
  expect(await list()).toMatchObject({ connections: active });
  expect((await rig.get('/api/audit?limit=2')).body).toMatchObject({
    lines: [
      { action: 'release', who: 'olga', reason: 'bot is fixed', about: { connection: 'acme' } },
      { action: 'hold', who: 'olga', about: { connection: 'acme' } },
    ],
  });
});

test('rejects a pause of an unknown connection and a resume of one that is not paused', async () => {
  expect((await change('acne', 'pause')).status).toBe(404);
  expect((await change('acne', 'resume')).status).toBe(404);
  expect(await change('acme', 'resume')).toMatchObject({
    status: 409,
    body: { detail: 'acme is not paused.' },
  });
  expect((await change('A_B', 'pause')).status).toBe(400);
  expect((await rig.post('/api/connections/acme/pause', {})).status).toBe(400);
});
