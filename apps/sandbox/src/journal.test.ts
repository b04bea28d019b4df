import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournal } from './journal.ts';
import { startTestSandbox } from './testing/start-test-sandbox.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sandbox-'));
});
afterEach(() => rm(folder, { recursive: true }));

const start = () => startTestSandbox({ dataFolder: folder });
const path = () => join(folder, 'events.ndjson');

test('a restarted sandbox has its events and its ledger', async () => {
  const first = await start();
  const client = first.client({ integrationId: 'own', integrationAlias: 'shop' });
  const payload = { deliveryId: 'd1', text: 'Zeile\n"✓"' };
  const { user } = await client.getOrCreateUser({ tags: { id: '1' } });
  const { event } = await client.createEvent({ type: 'made', payload, userId: user.id });
  await client.createEvent({ type: 'made', payload });
  await client.createEvent({ type: 'late', payload: {}, schedule: { delay: 5 } });
  const ledger = await first.ledger();
  await first.close();

  const second = await start();
  expect(await second.ledger()).toEqual(ledger);
  expect(ledger).toMatchObject({ commits: 3, doubled: { d1: 2 } });
  const restarted = second.client({ integrationId: 'own' });
  expect((await restarted.getEvent({ id: event.id })).event).toEqual(event);
  expect((await restarted.listEvents({ userId: user.id })).events).toEqual([event]);
  expect((await restarted.getOrCreateUser({ tags: { id: '1' } })).user).toEqual(user);
  expect((await restarted.listEvents({})).events.map(({ type }) => type)).toEqual(['late', 'made', 'made']);
  expect((await second.client().listEvents({ type: 'shop:made' })).events).toHaveLength(2);
  await second.client().createEvent({ type: 'own', payload: {} });
  await second.close();
  expect((await readFile(path(), 'utf8')).match(/\n/g)).toHaveLength(4);
});

test('cleared events do not reappear after a restart', async () => {
  const first = await start();
  await first.client().createEvent({ type: 'old', payload: {} });
  await first.control('DELETE', '/ledger');
  await first.client().createEvent({ type: 'new', payload: {} });
  await first.close();
  const second = await start();
  expect((await second.client().listEvents({})).events.map(({ type }) => type)).toEqual(['new']);
  await second.close();
});

test('skips the incomplete line of a killed process with a warning', async () => {
  const first = await start();
  await first.client().createEvent({ type: 'one', payload: {} });
  await first.close();
  await appendFile(path(), '{"payload":{"half');
  const second = await start();
  expect(second.warnings).toEqual([expect.stringContaining('skipped 1 unreadable lines')]);
  await second.client().createEvent({ type: 'two', payload: {} });
  await second.close();
  const third = await start();
  expect((await third.client().listEvents({})).events.map(({ type }) => type)).toEqual(['two', 'one']);
  await third.close();
});

test('closing writes the queued lines', async () => {
  const errors: Error[] = [];
  const journal = await openJournal(path(), (error) => errors.push(error));
  // The first line is being written while the others are queued.
  for (const line of ['{"n":1}', '{"n":2}', '{"n":3}']) journal.append(line);
  await journal.close();
  expect(await readFile(path(), 'utf8')).toBe('{"n":1}\n{"n":2}\n{"n":3}\n');
  expect(errors).toEqual([]);
});
