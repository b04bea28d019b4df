import { InternalError, ResourceGoneError } from '@botpress/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestSandbox, type TestSandbox } from './testing/start-test-sandbox.ts';

let sandbox: TestSandbox;
beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

const EVENT = { type: 'made', payload: { deliveryId: 'd1' } };

async function addFault(fault: Record<string, unknown>): Promise<string> {
  const { body } = await sandbox.control<{ fault: { id: string } }>('POST', '/faults', fault);
  return body.fault.id;
}

const post = (event: object = EVENT, headers = {}) => sandbox.post(JSON.stringify(event), headers);

test('a fault applies only to the first n calls that match bot, type and deliveryId', async () => {
  await addFault({ kind: 'html', times: 2, match: { botId: 'bot-1', type: 'made', deliveryId: 'd1' } });
  expect((await post({ ...EVENT, type: 'other' })).status).toBe(201);
  expect((await post(EVENT, { 'x-bot-id': 'bot-2' })).status).toBe(201);
  expect((await post({ ...EVENT, payload: { deliveryId: 'd2' } })).status).toBe(201);
  expect([(await post()).status, (await post()).status, (await post()).status]).toEqual([502, 502, 201]);
  expect((await sandbox.control('GET', '/faults')).body).toMatchObject({ faults: [{ hits: 2, times: 2 }] });
});

test('a fault with a probability applies to the same calls for the same seed', async () => {
  const run = async (seed: number) => {
    const id = await addFault({ kind: 'html', probability: 0.3, seed });
    const statuses: number[] = [];
    for (let n = 0; n < 60; n++) statuses.push((await post()).status);
    await sandbox.control('DELETE', `/faults/${id}`);
    return statuses;
  };
  const first = await run(5);
  expect(await run(5)).toEqual(first);
  expect(await run(6)).not.toEqual(first);
  const hits = first.filter((status) => status === 502).length;
  expect(hits).toBeGreaterThan(8);
  expect(hits).toBeLessThan(30);
});

test('a fault does not apply to calls that identity or rate limit reject', async () => {
  await addFault({ kind: 'html', times: 1 });
  expect((await post(EVENT, { authorization: '' })).status).toBe(401);
  expect((await post()).status).toBe(502);
});

test('a fault applies to the read operation that it names', async () => {
  const client = sandbox.client();
  const { event } = await client.createEvent(EVENT);
  const listFault = await addFault({ kind: 'error', error: 'Internal', match: { operation: 'listEvents' } });
  await expect(client.listEvents({})).rejects.toBeInstanceOf(InternalError);
  await client.getEvent({ id: event.id });
  await client.createEvent(EVENT);
  await sandbox.control('DELETE', `/faults/${listFault}`);
  await addFault({ kind: 'error', error: 'ResourceGone', match: { operation: 'getEvent' } });
  await client.listEvents({});
  await expect(client.getEvent({ id: event.id })).rejects.toBeInstanceOf(ResourceGoneError);
});

test('a removed fault no longer applies', async () => {
  const id = await addFault({ kind: 'html' });
  await addFault({ kind: 'status', status: 500 });
  expect((await post()).status).toBe(502);
  expect((await sandbox.control('DELETE', `/faults/${id}`)).body).toEqual({ removed: 1 });
  expect((await post()).status).toBe(500);
  expect((await sandbox.control('DELETE', '/faults')).body).toEqual({ removed: 1 });
  expect((await post()).status).toBe(201);
  expect((await sandbox.control('DELETE', `/faults/${id}`)).status).toBe(404);
  expect((await sandbox.control('POST', `/faults/${id}/release`)).status).toBe(404);
});

test.each([
  [{ kind: 'nonsense' }, 'kind'],
  [{ kind: 'latency', ms: -1 }, 'ms'],
  [{ kind: 'error', error: 'Nonsense' }, 'error'],
  [{ kind: 'status', status: 404 }, 'status'],
  [{ kind: 'hold', probability: 0 }, 'probability'],
  [{ kind: 'hold', times: 0 }, 'times'],
  [{ kind: 'hold', match: { bot: 'x' } }, 'match'],
  [{ kind: 'hold', match: { operation: 'x' } }, 'match.operation'],
])('rejects the fault %j with the path of the error', async (fault, path) => {
  const { status, body } = await sandbox.control('POST', '/faults', fault);
  expect(status).toBe(400);
  expect(body).toMatchObject({ error: { message: expect.any(String), issues: [{ path }] } });
});
