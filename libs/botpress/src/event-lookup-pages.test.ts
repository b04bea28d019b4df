import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { EventLookup } from './event-lookup.ts';

/** Serves what the sandbox cannot: other page tokens, and responses that are not from Botpress. */
let api: Server;

afterEach(() => {
  api.close();
  api.closeAllConnections();
});

const NOW = Date.now();

/** Looks up the event `wanted` in lists that `respond` returns. */
async function findWhere(respond: (query: URLSearchParams) => unknown) {
  api = createServer((request, response) => {
    const body = respond(new URL(request.url ?? '', 'http://api').searchParams);
    response.setHeader('content-type', 'application/json');
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const lookup = new EventLookup({ timeout: 5_000, now: Date.now });
  const query = { type: 'thingMade', deliveryId: 'wanted', startedAt: NOW };
  return lookup.findExistingEvent({ apiUrl, botId: 'bot', token: 't' }, query);
}

const event = (deliveryId: string) => ({
  id: `evt_${deliveryId}`,
  createdAt: new Date(NOW).toISOString(),
  type: 'thingMade',
  payload: { deliveryId },
});

test('requests 100 events of the type and passes the page token on', async () => {
  const queries: unknown[] = [];
  await findWhere((query) => {
    queries.push(Object.fromEntries(query));
    return { events: [event('a')], meta: queries.length === 1 ? { nextToken: 'to+ke/n=' } : {} };
  });
  expect(queries).toEqual([
    { type: 'thingMade', pageSize: '100' },
    { type: 'thingMade', pageSize: '100', nextToken: 'to+ke/n=' },
  ]);
});

test('finds the event although tokens count events and new events shift them', async () => {
  const list = Array.from({ length: 500 }, (_, index) => event(String(index)));
  list[321] = event('wanted');
  const result = await findWhere((query) => {
    const from = Number(query.get('nextToken') ?? 0);
    const page = { events: list.slice(from, from + 100), meta: { nextToken: String(from + 100) } };
    list.unshift(...Array.from({ length: 37 }, (_, index) => event(`new_${index}`)));
    return page;
  });
  expect(result).toEqual({ kind: 'found', eventId: 'evt_wanted' });
});

test('continues after an empty page that has a next page', async () => {
  const result = await findWhere((query) =>
    query.has('nextToken')
      ? { events: [event('wanted')], meta: {} }
      : { events: [], meta: { nextToken: 'more' } },
  );
  expect(result).toEqual({ kind: 'found', eventId: 'evt_wanted' });
});

test('skips events whose payload has no deliveryId', async () => {
  const foreign = [null, 'text', [], { deliveryId: 7 }, {}].map((payload) => ({ ...event('x'), payload }));
  const result = await findWhere(() => ({
    events: [...foreign, event('wanted')],
    meta: { nextToken: null },
  }));
  expect(result).toEqual({ kind: 'found', eventId: 'evt_wanted' });
});

test.each<[string, unknown]>([
  ["a proxy's page", '<html>welcome</html>'],
  ['null', 'null'],
  ['truncated JSON', '{"events":[],"meta":'],
  ['a body without a list', { meta: {} }],
  ['a body without paging metadata', { events: [] }],
  ['an invalid page token', { events: [], meta: { nextToken: 7 } }],
  ['an event without an id', { events: [{ ...event('a'), id: undefined }], meta: {} }],
  ['an event without a date', { events: [{ ...event('a'), createdAt: 'now' }], meta: {} }],
  ['an event with an invalid date', { events: [{ ...event('a'), createdAt: { toString: 1 } }], meta: {} }],
  ['an event that is null', { events: [null], meta: {} }],
])('%s makes the result unknown, not absent', async (_name, body) => {
  expect(await findWhere(() => body)).toEqual({
    kind: 'unknown',
    reason: 'answered 200 without a list of events',
  });
});

test('an invalid page after a valid one makes the result unknown', async () => {
  const result = await findWhere((query) =>
    query.has('nextToken') ? '<html>welcome</html>' : { events: [event('a')], meta: { nextToken: 'more' } },
  );
  expect(result.kind).toBe('unknown');
});
