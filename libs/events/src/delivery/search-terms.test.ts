import { describe, expect, test } from 'vitest';
import { createSourceRegistry } from '../registry.ts';
import { iterateLeaves, matchesTerm } from './search-terms.ts';

const ORDER = `{"id": 820982911946154508, "name":"#1042","total":1.0,"paid":true,"note":null,
  "customer":{"id":7,"email":"jo@example.com"},"line_items":[{"sku":"a-1","id":1},{"sku":"b\\u002d2","id":2}],"tags":["x",["y"]]}`;

const has = (term: string, body = ORDER, lookups = {}, headers: Record<string, string> = {}) => {
  const [name = '', value = ''] = term.split('=');
  return matchesTerm({ body, headers }, { name, value }, lookups);
};

describe('iterateLeaves', () => {
  test('yields values with their paths, numbers as written, without nulls', () => {
    expect([...iterateLeaves(ORDER)].map(({ path, text }) => `${path}=${text}`)).toEqual([
      'id=820982911946154508',
      'name=#1042',
      'total=1.0',
      'paid=true',
      'customer.id=7',
      'customer.email=jo@example.com',
      'line_items.sku=a-1',
      'line_items.id=1',
      'line_items.sku=b-2',
      'line_items.id=2',
      'tags=x',
      'tags=y',
    ]);
  });

  test.each(['', '{', '{"a', '{"a":', '[1,', '}]', 'x', '"', '{"a":"\\u"}', '::'])(
    'terminates on the invalid JSON %j',
    (text) => {
      expect([...iterateLeaves(text)].length).toBeLessThan(3);
    },
  );

  test('reads arrays nested 100,000 levels deep', () => {
    const depth = 100_000;
    const [leaf] = iterateLeaves(`${'['.repeat(depth)}1${']'.repeat(depth)}`);
    expect(leaf).toEqual({ path: '', name: '', text: '1' });
  });
});

describe('matchesTerm', () => {
  test.each([
    'id=820982911946154508',
    'id=2',
    'email=jo@example.com',
    'customer.email=jo@example.com',
    'line_items.sku=b-2',
    'sku=a-1',
    'total=1.0',
    'paid=true',
    'tags=y',
  ])('matches a delivery with %s', (term) => {
    expect(has(term)).toBe(true);
  });

  test.each([
    'id=820982911946154509',
    'id=820982911946154500',
    'total=1',
    'customer.sku=a-1',
    'customer.email=JO@example.com',
    'email=jo@example.co',
    'note=null',
    'x.id=7',
    'line_items.0.sku=a-1',
    'constructor=x',
  ])('does not match a delivery with %s', (term) => {
    expect(has(term)).toBe(false);
  });

  test('searches only the listed places of a name that the source defines', () => {
    const lookups = { order: ['name', 'header:x-order'] };
    expect(has('order=#1042', ORDER, lookups)).toBe(true);
    expect(has('order=9', ORDER, lookups, { 'x-order': '9' })).toBe(true);
    expect(has('order=9', '{"order":"9"}', lookups)).toBe(false);
    expect(has('header:X-Order=9', ORDER, {}, { 'x-order': '9' })).toBe(true);
  });
});

describe('the lookups of sources', () => {
  const sources = createSourceRegistry();

  test.each([
    ['shopify', 'orders/create', 'order_id'],
    ['shopify', 'orders/create', 'order'],
    ['shopify', 'orders/create', 'shop'],
    ['shopify', 'orders/create', 'email'],
    ['shopify', 'orders/create', 'customer'],
    ['shopify', 'orders/edited', 'order_id'],
    ['shopify', 'refunds/create', 'order_id'],
    ['linear', 'Issue.create', 'issue'],
    ['linear', 'Comment.create', 'issue'],
    ['linear', 'Issue.create', 'team'],
    ['linear', 'Issue.create', 'user'],
    ['telegram', 'chat_member.joined', 'chat'],
    ['telegram', 'chat_member.joined', 'user'],
    ['telegram', 'chat_join_request', 'chat'],
    ['telegram', 'my_chat_member.added', 'chat'],
    ['telegram', 'my_chat_member.blocked', 'user'],
    ['telegram', 'message.left_chat_member', 'user'],
    ['whatsapp', 'messages', 'phone'],
    ['whatsapp', 'messages', 'chat'],
    ['whatsapp', 'messages', 'message'],
    ['whatsapp', 'statuses', 'phone'],
  ])('of %s find a value in the sample of %s by %s', (name, topic, lookup) => {
    const source = sources.get(name);
    const settings = { shopName: 'acme' };
    const request = source?.samples?.compose(topic, { number: 3, now: 1_790_000_000_000, settings });
    if (!source || !request) throw new Error('no sample');
    const webhook = {
      rawBody: Buffer.from(request.body),
      headers: request.headers,
      receivedAt: 1_790_000_000_000,
    };
    const json: unknown = JSON.parse(request.body);
    const [item] = source.unpack({ webhook, text: request.body, json } as never, settings);
    const places = source.lookups?.[lookup] ?? [];
    const texts = [...iterateLeaves(item?.body ?? '')].filter(({ path }) => places.includes(path));
    const headers = places.filter((place) => place.slice('header:'.length) in request.headers);
    expect(texts.length + headers.length).toBeGreaterThan(0);
    expect(source.lookups).not.toHaveProperty(topic);
  });

  test('name only headers that the source keeps', () => {
    for (const { lookups = {}, keepHeaders } of sources.values()) {
      const headers = Object.values(lookups)
        .flat()
        .filter((place) => place.startsWith('header:'));
      for (const header of headers) expect(keepHeaders).toContain(header.slice('header:'.length));
    }
  });
});
