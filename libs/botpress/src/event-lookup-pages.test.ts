import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { ApiFacts } from './api-facts.ts';
import { EventLookup } from './event-lookup.ts';

/** Serves what the sandbox cannot: other page tokens, and responses that are not from Botpress. */
let api: Server;

afterEach(() => {
  api.close();
  api.closeAllConnections();
});

const NOW = Date.now();

/** Looks up the event `wanted` in lists that `respond` returns. */
async function findWhere(
  respond: (query: URLSearchParams) => unknown,
  facts?: ApiFacts,
  mustBeListed?: string,
) {
  api = createServer((request, response) => {
    const body = respond(new URL(request.url ?? '', 'http://api').searchParams);
    response.setHeader('content-type', 'application/json');
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const lookup = new EventLookup({ timeout: 5_000, now: Date.now });
  const query = { type: 'thingMade', deliveryId: 'wanted', startedAt: NOW, facts, mustBeListed };
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
  const foreign = [[], { deliveryId: 7 }, {}].map((payload) => ({ ...event('x'), payload }));
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
  ['an event without a type', { events: [{ ...event('a'), type: undefined }], meta: {} }],
  ['an event of the type without a payload', { events: [{ ...event('a'), payload: undefined }], meta: {} }],
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

/** An API as each documented reading describes it. It has events of Sluice and of others, and ignores `pageSize`. */
const apiWhere = (reading: {
  readonly form: 'bare' | 'prefixed';
  readonly deliveries: readonly string[];
}) => {
  const typeOf = (name: string) => (reading.form === 'bare' ? name : `shop:${name}`);
  const older = { ...event('other'), type: typeOf('otherMade') };
  const all = [...reading.deliveries.map((id) => ({ ...event(id), type: typeOf('thingMade') })), older];
  const queries: Record<string, string>[] = [];
  const respond = (query: URLSearchParams) => {
    queries.push(Object.fromEntries(query));
    const type = query.get('type');
    const listed = all.filter((it) => type === null || it.type === type);
    const from = Number(query.get('nextToken') ?? 0);
    const meta = from + 20 < listed.length ? { nextToken: String(from + 20) } : {};
    return { events: listed.slice(from, from + 20), meta };
  };
  return { respond, queries };
};

const others = Array.from({ length: 30 }, (_, index) => `other_${index}`);

/** What a probe of an API of that form shows. */
const factsOf = (typeForm: ApiFacts['typeForm'], more: Partial<ApiFacts> = {}): ApiFacts => ({
  ...{ probedAt: NOW, client: '1.45.0', botId: 'bot', typeForm, isFoundByType: typeForm === 'bare' },
  ...{
    isFoundInAll: true,
    listedAfter: 100,
    pageSize: 'ignored',
    pageLength: 20,
    headers: {},
    readsCount: null,
  },
  ...more,
});

describe.each(['bare', 'prefixed'] as const)('an API that lists %s types and ignores pageSize', (form) => {
  test.each([
    ['without a probe', undefined],
    ['with the facts of its probe', factsOf(form)],
  ])('%s: the event is found, or absent if no list contains it', async (_name, facts) => {
    const present = apiWhere({ form, deliveries: [...others, 'wanted'] });
    expect(await findWhere(present.respond, facts)).toEqual({ kind: 'found', eventId: 'evt_wanted' });
    for (const deliveries of [others, []]) {
      expect(await findWhere(apiWhere({ form, deliveries }).respond, facts)).toEqual({ kind: 'absent' });
    }
  });

  test('that was probed in the other form: the event is found, but never absent', async () => {
    const facts = factsOf(form === 'bare' ? 'prefixed' : 'bare', { isFoundByType: false });
    const present = apiWhere({ form, deliveries: ['wanted'] });
    expect((await findWhere(present.respond, facts)).kind).not.toBe('absent');
    expect(await findWhere(apiWhere({ form, deliveries: others }).respond, facts)).toMatchObject({
      kind: 'unknown',
      reason: expect.stringContaining('another form than probed'),
    });
  });
});

test('an empty list by type is confirmed by the list of all events unless the API was probed', async () => {
  const cautious = apiWhere({ form: 'bare', deliveries: [] });
  await findWhere(cautious.respond);
  expect(cautious.queries).toEqual([{ type: 'thingMade', pageSize: '100' }, { pageSize: '100' }]);
  const probed = apiWhere({ form: 'bare', deliveries: [] });
  await findWhere(probed.respond, factsOf('bare', { pageSize: 'rejected' }));
  expect(probed.queries).toEqual([{ type: 'thingMade' }]);
});

test('no event is absent from an API whose probe was not listed', async () => {
  const facts = factsOf('bare', { isFoundByType: false, isFoundInAll: false, listedAfter: null });
  const { respond, queries } = apiWhere({ form: 'bare', deliveries: others });
  expect((await findWhere(respond, facts)).kind).toBe('unknown');
  expect(queries).toEqual([]);
});

test.each([
  ['on one page', 2],
  ['on two pages', 1],
])('events that are listed oldest first, %s, make the result unknown', async (_name, size) => {
  const list = [-30_000, 90_000].map((since, index) => ({
    ...event(`e${index}`),
    createdAt: new Date(NOW + since).toISOString(),
  }));
  const result = await findWhere((query) => {
    const from = Number(query.get('nextToken') ?? 0);
    const meta = from + size < list.length ? { nextToken: String(from + size) } : {};
    return { events: list.slice(from, from + size), meta };
  });
  expect(result).toEqual({ kind: 'unknown', reason: 'events are not listed newest first' });
});

test.each([
  ['does not prove absence without an event that it must contain', ['a'], 'unknown'],
  ['does not prove absence if it is empty and must contain an event', [], 'unknown'],
  ['proves absence if it contains the event that it must contain', ['a', 'confirmed'], 'absent'],
  ['finds the event even if it is behind', ['wanted'], 'found'],
])('a list %s', async (_what, ids, kind) => {
  const result = await findWhere(() => ({ events: ids.map(event), meta: {} }), undefined, 'evt_confirmed');
  expect(result.kind).toBe(kind);
});
