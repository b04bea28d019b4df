import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsoleRig } from '../test-support/console-rig.ts';

let rig: ConsoleRig;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-forwards-'));
  const path = join(folder, 'connections.json');
  const connection = {
    ...{ id: 'group', source: 'telegram', secrets: ['s3cret'], botpress: { botId: 'bot-a', token: 't' } },
    forward: { url: 'https://webhook.botpress.cloud/h1dden' },
  };
  await writeFile(path, JSON.stringify({ connections: [connection] }));
  rig = await ConsoleRig.open({ startRedis, makeDelivery }, { env: { SLUICE_CONNECTIONS: path } });
});

afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true, force: true });
});

test('lists the forwards of a connection after it, without their URL', async () => {
  const { body, text } = await rig.get('/api/connections', { as: 'viewer' });
  expect(body).toMatchObject({
    connections: [
      { id: 'group', webhookUrl: expect.any(String) },
      {
        id: 'group:forward',
        botId: 'bot-a',
        eventsPerMinute: 6_000,
        webhookUrl: null,
        topics: [],
        setUp: [],
      },
    ],
  });
  expect(text).not.toContain('h1dden');
});

test('pauses and resumes forwards', async () => {
  const change = (action: string) =>
    rig.post(`/api/connections/group:forward/${action}`, { note: 'receiver' });
  expect(await change('pause')).toMatchObject({
    status: 200,
    body: { id: 'group:forward', hold: { by: 'operator' } },
  });
  expect(await change('resume')).toMatchObject({ status: 200, body: { id: 'group:forward', hold: null } });
});

test('a forward has no webhooks to test', async () => {
  const { status } = await rig.post('/api/connections/group:forward/test', { note: 'x' });
  expect(status).toBe(409);
});
