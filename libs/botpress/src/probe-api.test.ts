import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { buildClient2, type RunningSandbox, startSandbox } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { probeApi } from './probe-api.ts';
import { bothMajors, type ClientClass } from './test-support/clients.ts';

/** The API in each reading of what Botpress does not describe. The sandbox is one of them. */
interface Reading {
  readonly type?: 'bare' | 'prefixed';
  /** Whether listEvents expects the type as it lists it, or as it was sent. */
  readonly filter?: 'as listed' | 'as sent';
  readonly pageSize?: 'honored' | 'ignored' | 'rejected';
  /** Lists that do not contain the event yet. */
  readonly lateLists?: number;
  readonly readsCount?: boolean;
  /** Events that exist before. */
  readonly others?: number;
}

const TOKEN = 'canary-token-3f9a';
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Listed {
  readonly id: string;
  readonly createdAt: string;
  readonly type: string;
  readonly payload: unknown;
}

async function startApi(reading: Reading) {
  const { type = 'bare', filter = 'as listed', pageSize = 'honored', lateLists = 0, others = 30 } = reading;
  const listedType = (sent: string) => (type === 'bare' ? sent : `shop:${sent}`);
  const createdAt = new Date().toISOString();
  const events: Listed[] = Array.from({ length: others }, (_, index) => ({
    ...{ id: `evt_${index}`, createdAt, type: listedType('thingMade'), payload: {} },
  }));
  const bodies: { type: string; payload: Record<string, unknown> }[] = [];
  let lists = 0;
  let remaining = 100;
  const list = (query: URLSearchParams) => {
    lists += 1;
    const size = pageSize === 'honored' ? Number(query.get('pageSize') ?? 20) : 20;
    const wanted = query.get('type');
    const visible = lists > lateLists ? events : events.slice(1);
    const matching = visible.filter(
      (event) => wanted === null || event.type === (filter === 'as sent' ? listedType(wanted) : wanted),
    );
    const meta = matching.length > size ? { nextToken: 'more' } : {};
    return { events: matching.slice(0, size), meta };
  };
  const server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://api');
    const reply = (status: number, body: object) => {
      if (request.method === 'POST' || reading.readsCount) remaining -= 1;
      response.setHeader('ratelimit-limit', '100').setHeader('ratelimit-remaining', String(remaining));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (request.method === 'POST') {
      const body = JSON.parse(text);
      bodies.push(body);
      events.unshift({ id: 'evt_probe', createdAt, type: listedType(body.type), payload: body.payload });
      return reply(201, { event: events[0] });
    }
    if (pathname.endsWith('/events/evt_probe')) return reply(200, { event: events[0] });
    if (pageSize === 'rejected' && searchParams.has('pageSize')) {
      return reply(400, { id: 'err_1', code: 400, type: 'InvalidQuery', message: 'pageSize', metadata: {} });
    }
    return reply(200, list(searchParams));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies };
}

/** Probes with a clock that advances only by the probe's own delays. */
async function probe(apiUrl: string, clientClass?: ClientClass) {
  let time = Date.now();
  const target = { apiUrl, botId: 'bot', integrationId: 'shop', token: TOKEN };
  const result = await probeApi(target, {
    ...{ type: 'sluiceProbe', connection: 'acme', timeout: 10_000, listWithin: 60_000, now: () => time },
    delay: async (ms) => {
      time += ms;
    },
    ...(clientClass ? { clientClass } : {}),
  });
  expect(inspect(result, { depth: 10 })).not.toContain(TOKEN);
  return result;
}

async function factsOf(reading: Reading) {
  const result = await probe((await startApi(reading)).apiUrl);
  if (result.kind !== 'probed') throw new Error(result.kind);
  return result.facts;
}

test('creates one event that is marked as a probe', async () => {
  const { apiUrl, bodies } = await startApi({});
  expect(await probe(apiUrl)).toMatchObject({ kind: 'probed', eventId: 'evt_probe' });
  expect(bodies).toEqual([
    {
      type: 'sluiceProbe',
      payload: {
        ...{ source: 'sluice', connection: 'acme', topic: 'sluice.probe', occurredAt: expect.any(String) },
        deliveryId: expect.stringMatching(/^probe_/),
        data: { sluiceProbe: true, note: expect.stringContaining('Ignore it.') },
      },
    },
  ]);
});

test.each<[string, Reading, object]>([
  ['bare types', { type: 'bare' }, { typeForm: 'bare', isFoundByType: true, isFoundInAll: true }],
  [
    'prefixed types',
    { type: 'prefixed' },
    { typeForm: 'prefixed', isFoundByType: false, isFoundInAll: true },
  ],
  [
    'prefixed types that are found as they were sent',
    { type: 'prefixed', filter: 'as sent' },
    { typeForm: 'prefixed', isFoundByType: true, isFoundInAll: true },
  ],
  ['an honored pageSize', { pageSize: 'honored', others: 500 }, { pageSize: 'honored', pageLength: 100 }],
  ['an ignored pageSize', { pageSize: 'ignored' }, { pageSize: 'ignored', pageLength: 20 }],
  ['a rejected pageSize', { pageSize: 'rejected' }, { pageSize: 'rejected', pageLength: null }],
  ['a pageSize that one event cannot show', { others: 0 }, { pageSize: 'unknown', pageLength: 1 }],
  ['reads that count', { readsCount: true }, { readsCount: true }],
  ['reads that do not count', { readsCount: false }, { readsCount: false }],
  ['an event that is listed at once', { lateLists: 0 }, { listedAfter: 0 }],
  // Two lists each time: after 0, 100, 300 and 700 ms.
  ['an event that is listed late', { lateLists: 5 }, { listedAfter: 300, isFoundByType: true }],
  [
    'an event that is never listed',
    { lateLists: 1_000 },
    { listedAfter: null, isFoundByType: false, isFoundInAll: false, typeForm: 'bare' },
  ],
  ['its headers', {}, { headers: { 'ratelimit-limit': '100', 'ratelimit-remaining': '99' } }],
])('records %s', async (_name, reading, expected) => {
  expect(await factsOf(reading)).toMatchObject({ botId: 'bot', client: '1.45.0', ...expected });
});

const majors = [...bothMajors(await buildClient2())];

describe('at the sandbox', () => {
  let sandbox: RunningSandbox;

  beforeAll(async () => {
    sandbox = await startSandbox();
  });

  afterAll(() => sandbox.stop());

  afterEach(() => sandbox.clearFaults());

  test.each(majors)('the client %s finds the event', async (_major, clientClass) => {
    if (!clientClass) return;
    expect(await probe(sandbox.url, clientClass)).toMatchObject({
      kind: 'probed',
      facts: { typeForm: 'bare', isFoundByType: true, isFoundInAll: true, listedAfter: 0 },
    });
  });

  test.each([
    ['a rejected event', { kind: 'error', error: 'InvalidPayload' }, 'refused'],
    ['a lost answer', { kind: 'reset', when: 'after' }, 'ambiguous'],
  ])('%s records nothing', async (_name, fault, kind) => {
    await sandbox.addFault(fault);
    expect(await probe(sandbox.url)).toMatchObject({ kind: 'failed', call: { kind } });
  });
});
