import { expect, test } from 'vitest';
import { z } from 'zod';
import type { EventDefinition } from '../definitions/define-event.ts';
import type { SourceDefinition } from '../definitions/define-source.ts';
import { createSourceRegistry } from '../registry.ts';
import { findEventLink, findUnusedTags, linkFields } from './link-rules.ts';

const source = (name: string) => createSourceRegistry().get(name) as SourceDefinition;
const rule = (setting: unknown) => z.strictObject(linkFields).parse(setting);
const conversation = (from: unknown) => rule({ channel: 'order', conversation: { key: from } });

const order = {
  id: 7,
  email: ' Ada@Example.com ',
  phone: null,
  customer: { phone: '+1 (613) 555-0123', name: '' },
  shipping_address: { phone: '613-555-0199' },
  big: 2 ** 60,
  tags: ['vip'],
};

test.each([
  ['id', '7'],
  ['tags.0', 'vip'],
  [['phone', 'customer.phone'], '+1 (613) 555-0123'],
  [{ path: 'email', format: 'email' }, 'ada@example.com'],
  [{ path: ['phone', 'shipping_address.phone', 'customer.phone'], format: 'phone' }, '+16135550123'],
  [{ path: 'customer.phone', format: 'digits' }, '16135550123'],
  [{ path: 'customer.phone', format: 'whatsapp' }, '+16135550123'],
  [{ value: '106540352242922' }, '106540352242922'],
])('the tag %j of an order is %s', (from, expected) => {
  expect(findEventLink(conversation(from), source('shopify'), 'orders/create', order)).toEqual({
    channel: 'order',
    conversation: { by: { key: expected } },
  });
});

test.each([
  'missing',
  'customer',
  'customer.name',
  'phone',
  'big',
  { path: 'shipping_address.phone', format: 'phone' },
])('an order without a value for the tag %j has no conversation', (from) => {
  const link = findEventLink(conversation(from), source('shopify'), 'orders/create', order);
  expect(link).toEqual({ channel: 'order' });
});

test('a record requires all its tags', () => {
  const link = rule({ channel: 'c', user: { id: 'id', phone: 'phone' }, conversation: { id: 'id' } });
  expect(findEventLink(link, source('shopify'), '', order)).toEqual({
    channel: 'c',
    conversation: { by: { id: '7' } },
  });
});

const comment = { data: { id: 'c1', issueId: 'i1', userId: 'u1', url: 'x' } };

test('a rule overrides the defaults of its source part by part', () => {
  const find = (setting: unknown) =>
    findEventLink(rule(setting), source('linear'), 'Comment.create', comment);
  const defaults = { channel: 'issue', conversation: { by: { id: 'i1' } }, user: { by: { id: 'u1' } } };
  expect(find({})).toEqual(defaults);
  expect(find({ channel: 'comments' })).toEqual({ ...defaults, channel: 'comments' });
  expect(find({ user: false })).toEqual({ channel: 'issue', conversation: { by: { id: 'i1' } } });
  expect(find({ conversation: { url: 'data.url' } })).toEqual({
    ...defaults,
    conversation: { by: { url: 'x' } },
  });
  // Only Botpress' own integration creates messages.
  expect(find({ integration: 'linear' })).toEqual({
    ...defaults,
    integration: 'linear',
    message: { by: { id: 'c1' } },
  });
});

test('a source whose link throws links nothing', () => {
  const broken = {
    ...source('linear'),
    link: {
      ...source('linear').link,
      find: () => {
        throw new Error('x');
      },
    },
  };
  expect(findEventLink({}, broken as never, 'Comment.create', comment)).toEqual({ channel: 'issue' });
});

test('finds tags whose paths no event has', () => {
  const input = z.strictObject({
    customer: z.strictObject({ email: z.string(), tags: z.array(z.string()) }),
  });
  const event = { name: 'paid', input } as unknown as EventDefinition;
  const link = rule({
    conversation: { email: 'customer.email', phone: 'customer.phone', tags: 'customer.tags' },
    user: { email: ['customer.mail', 'customer.email'], fixed: { value: '1' } },
  });
  expect(findUnusedTags(link, new Map([['paid', event]]))).toEqual([
    'conversation.phone',
    'conversation.tags',
  ]);
});
