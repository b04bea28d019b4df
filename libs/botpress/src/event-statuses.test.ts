import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RunningSandbox, startSandbox } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { BotTarget } from './bot-client.ts';
import { EventSender } from './event-sender.ts';
import { EventStatuses } from './event-statuses.ts';

const options = { timeout: 5_000, now: Date.now };
const statuses = new EventStatuses(options);
const sender = new EventSender(options);

let sandbox: RunningSandbox;
let server: Server | undefined;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterEach(() => {
  server?.close();
  server = undefined;
});

afterAll(() => sandbox.stop());

const target = (botId: string, apiUrl = sandbox.url): BotTarget => ({
  ...{ apiUrl, botId, integrationId: 'shop', token: 't' },
});

async function create(botId: string): Promise<string> {
  const result = await sender.sendEvent(target(botId), {
    type: 'thingMade',
    payload: { deliveryId: 'dlv_1' },
  });
  if (result.kind !== 'created') throw new Error(result.kind);
  return result.eventId;
}

/** Starts a server with one response. */
async function respond(body: string): Promise<string> {
  server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('lists events newest first with status and failure reason, over pages', async () => {
  await sandbox.addStatusRule({ status: 'failed', failureReason: 'no trigger', delayMs: 0, times: 1 });
  const ids: string[] = [];
  for (let count = 0; count < 101; count++) ids.push(await create('pages'));
  const first = await statuses.list(target('pages'));
  if (first.kind !== 'page') throw new Error(first.kind);
  expect(first.events.map(({ id }) => id)).toEqual(ids.slice(1).reverse());
  const second = await statuses.list(target('pages'), first.nextToken);
  expect(second).toMatchObject({
    kind: 'page',
    events: [{ id: ids[0], status: 'failed', failureReason: 'no trigger', name: 'thingMade' }],
  });
  expect(second).not.toHaveProperty('nextToken');
});

test('names an event without the integration that a listing puts before it', async () => {
  await sandbox.setModes({ eventType: 'prefixed' });
  const id = await create('prefixed');
  expect(await statuses.get(target('prefixed'), id)).toMatchObject({ event: { id, name: 'thingMade' } });
  await sandbox.setModes({ eventType: 'bare' });
});

test('reports an event that does not exist as refused with 404', async () => {
  expect(await statuses.get(target('none'), 'evt_none')).toMatchObject({
    kind: 'refused',
    refusal: { status: 404 },
  });
});

const EVENT = { id: 'evt_1', type: 'a', status: 'processed', createdAt: '2026-01-01T00:00:00Z' };

test.each([
  ['a list without events', {}],
  ['an event without a status', { events: [{ ...EVENT, status: undefined }], meta: {} }],
  ['an event without a time', { events: [{ ...EVENT, createdAt: 'now' }], meta: {} }],
  ['a response that is not a JSON object', 'gateway'],
])('reads nothing from %s', async (_what, body) => {
  const apiUrl = await respond(JSON.stringify(body));
  expect(await statuses.list(target('x', apiUrl))).toMatchObject({ kind: 'unreadable' });
  expect(await statuses.get(target('x', apiUrl), 'evt_2')).toMatchObject({ kind: 'unreadable' });
});
