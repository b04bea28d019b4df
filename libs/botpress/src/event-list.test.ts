import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { EventLookup } from './event-lookup.ts';

/** What no sandbox answers: other tokens than its own, and what is not of Botpress. */
let api: Server;

afterEach(() => {
  api.close();
  api.closeAllConnections();
});

const NOW = Date.now();

/** Looks for the event `wanted` where lists are answered so. */
async function findWhere(answer: (query: URLSearchParams) => unknown) {
  api = createServer((request, response) => {
    const body = answer(new URL(request.url ?? '', 'http://api').searchParams);
    response.setHeader('content-type', 'application/json');
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const finder = new EventLookup({ timeout: 5_000, now: Date.now });
  const sought = { type: 'thingMade', deliveryId: 'wanted', startedAt: NOW };
  return finder.findExistingEvent({ apiUrl, botId: 'bot', token: 't' }, sought);
}

const event = (deliveryId: string) => ({
  id: `evt_${deliveryId}`,
  createdAt: new Date(NOW).toISOString(),
  type: 'thingMade',
  payload: { deliveryId },
});

test('asks for a hundred of the type, and hands the token back', async () => {
  const asked: unknown[] = [];
  await findWhere((query) => {
    asked.push(Object.fromEntries(query));
    return { events: [event('a')], meta: asked.length === 1 ? { nextToken: 'to+ke/n=' } : {} };
  });
  expect(asked).toEqual([
    { type: 'thingMade', pageSize: '100' },
    { type: 'thingMade', pageSize: '100', nextToken: 'to+ke/n=' },
  ]);
});

test('misses nothing where a token counts events and more are created all the time', async () => {
  const list = Array.from({ length: 500 }, (_, index) => event(String(index)));
  list[321] = event('wanted');
  const result = await findWhere((query) => {
    const from = Number(query.get('nextToken') ?? 0);
    const answer = { events: list.slice(from, from + 100), meta: { nextToken: String(from + 100) } };
    list.unshift(...Array.from({ length: 37 }, (_, index) => event(`new_${index}`)));
    return answer;
  });
  expect(result).toEqual({ kind: 'found', eventId: 'evt_wanted' });
});

test('an empty page with another behind it is not the end', async () => {
  const result = await findWhere((query) =>
    query.has('nextToken')
      ? { events: [event('wanted')], meta: {} }
      : { events: [], meta: { nextToken: 'more' } },
  );
  expect(result).toEqual({ kind: 'found', eventId: 'evt_wanted' });
});

test('a payload that is not ours is passed over', async () => {
  const strange = [null, 'text', [], { deliveryId: 7 }, {}].map((payload) => ({ ...event('x'), payload }));
  const result = await findWhere(() => ({
    events: [...strange, event('wanted')],
    meta: { nextToken: null },
  }));
  expect(result).toEqual({ kind: 'found', eventId: 'evt_wanted' });
});

test.each<[string, unknown]>([
  ['a page of a proxy', '<html>welcome</html>'],
  ['nothing', 'null'],
  ['half an answer', '{"events":[],"meta":'],
  ['no list', { meta: {} }],
  ['no word of a next page', { events: [] }],
  ['a token that is none', { events: [], meta: { nextToken: 7 } }],
  ['an event without an id', { events: [{ ...event('a'), id: undefined }], meta: {} }],
  ['an event without a date', { events: [{ ...event('a'), createdAt: 'now' }], meta: {} }],
  [
    'an event with a date that is none',
    { events: [{ ...event('a'), createdAt: { toString: 1 } }], meta: {} },
  ],
  ['an event that is none', { events: [null], meta: {} }],
])('%s does not say that the event is absent', async (_name, body) => {
  expect(await findWhere(() => body)).toEqual({
    kind: 'unknown',
    why: 'answered 200, but not as Botpress does',
  });
});

test('nor does one that comes after a good page', async () => {
  const result = await findWhere((query) =>
    query.has('nextToken') ? '<html>welcome</html>' : { events: [event('a')], meta: { nextToken: 'more' } },
  );
  expect(result.kind).toBe('unknown');
});
