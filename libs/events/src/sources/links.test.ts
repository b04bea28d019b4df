import { expect, test } from 'vitest';
import type { SourceDefinition } from '../definitions/define-source.ts';
import { createSourceRegistry } from '../registry.ts';
import { everySource } from '../test-support/every-source.ts';
import type { ParsedWebhook } from '../verification/webhook.ts';

/** The default links of the sources: who an item of a webhook concerns. */

const linkOf = (name: string) => {
  const { link } = createSourceRegistry().get(name) as SourceDefinition;
  if (!link) throw new Error(`${name} has no link`);
  return link;
};

const chat = (id: number) => ({ by: { id: String(id) }, also: { chatId: String(id) } });

test.each([
  [
    'a joined member',
    { chat: { id: -1001 }, from: { id: 1 }, member: { id: 42 } },
    { conversation: chat(-1001), user: { by: { id: '42' } } },
  ],
  [
    'a join request',
    { update_id: 1, chat_join_request: { chat: { id: -1002 }, from: { id: 7 } } },
    { conversation: chat(-1002), user: { by: { id: '7' } } },
  ],
  [
    'a callback query',
    { update_id: 1, callback_query: { from: { id: 7 }, message: { chat: { id: 9 } } } },
    { conversation: chat(9), user: { by: { id: '7' } } },
  ],
  ['a poll only to no record', { update_id: 1, poll: { id: 'p' } }, {}],
  ['an id beyond 2^53', { chat: { id: 2 ** 60 }, member: { id: 1.5 } }, {}],
])('telegram links %s', (_what, input, expected) => {
  expect(linkOf('telegram').find(input, 'any')).toEqual(expected);
});

const metadata = { phone_number_id: '106' };
const business = { botPhoneNumberId: '106' };

test.each([
  [
    'a message with its contact',
    {
      metadata,
      contact: { wa_id: '16505550123', user_id: 'US.1' },
      message: { id: 'wamid.1', from: '16505550123' },
    },
    {
      conversation: { by: { ...business, userPhone: '+16505550123' }, also: { userId: 'US.1' } },
      user: { by: { userId: '16505550123' }, also: { number: '16505550123', whatsappUserId: 'US.1' } },
      message: { by: { id: 'wamid.1' } },
    },
  ],
  [
    'a person who hides the number',
    { metadata, contact: { user_id: 'US.1' }, message: { id: 'wamid.2', from_user_id: 'US.1' } },
    {
      conversation: { by: { ...business, userId: 'US.1' } },
      user: { by: { userId: 'US.1' }, also: { whatsappUserId: 'US.1' } },
      message: { by: { id: 'wamid.2' } },
    },
  ],
  [
    'a status',
    { metadata, status: { id: 'wamid.3', recipient_id: '5215512345678' } },
    {
      conversation: { by: { ...business, userPhone: '+5215512345678' } },
      user: { by: { userId: '5215512345678' }, also: { number: '5215512345678' } },
      message: { by: { id: 'wamid.3' } },
    },
  ],
  [
    'a status in a group only by its message',
    { metadata, status: { id: 'wamid.4', recipient_id: 'group-1', recipient_type: 'group' } },
    { message: { by: { id: 'wamid.4' } } },
  ],
  ['the status of a template to no record', { value: { event: 'APPROVED' } }, {}],
])('whatsapp links %s', (_what, input, expected) => {
  expect(linkOf('whatsapp').find(input, 'any')).toEqual(expected);
});

const issue = { by: { id: 'issue-1' } };

test.each([
  [
    'Comment.create',
    { actor: { id: 'u1', type: 'user' }, data: { id: 'c1', issueId: 'issue-1', userId: 'u1' } },
    { conversation: issue, user: { by: { id: 'u1' } }, message: { by: { id: 'c1' } } },
  ],
  [
    'Comment.create',
    { data: { id: 'c1', issue: { id: 'issue-1' }, user: { id: 'u2' } } },
    { conversation: issue, user: { by: { id: 'u2' } }, message: { by: { id: 'c1' } } },
  ],
  ['Comment.create', { data: { id: 'c1', projectId: 'p1' } }, { message: { by: { id: 'c1' } } }],
  [
    'Issue.update',
    { actor: { id: 'u1', type: 'User' }, data: { id: 'issue-1' } },
    { conversation: issue, user: { by: { id: 'u1' } } },
  ],
  [
    'Issue.update',
    { actor: { id: 'app', type: 'oauthClient' }, data: { id: 'issue-1' } },
    { conversation: issue },
  ],
  ['Project.update', { data: { id: 'p1' } }, {}],
])('linear links a webhook of %s: %j', (topic, input, expected) => {
  expect(linkOf('linear').find(input, topic)).toEqual(expected);
});

const linked = everySource.filter(({ source }) => source.link);

test.each(linked)(
  '$name finds tags that its link declares, in all samples',
  ({ name, source, samples, settings }) => {
    const link = linkOf(name);
    let found = 0;
    for (const topic of samples.topics) {
      const { headers, body } = samples.compose(topic, { number: 1, now: 1_790_000_000_000, settings });
      const webhook = { headers, body: Buffer.from(body) } as unknown as ParsedWebhook['webhook'];
      for (const item of source.unpack({ webhook, text: body, json: JSON.parse(body) }, settings)) {
        const tags = link.find(item.input, item.topic);
        for (const kind of ['conversation', 'user', 'message'] as const) {
          const used = Object.keys({ ...tags[kind]?.by, ...tags[kind]?.also });
          expect(Object.keys(link[kind] ?? {})).toEqual(expect.arrayContaining(used));
          found += used.length;
        }
      }
    }
    expect(found).toBeGreaterThan(3);
  },
);

test.each([undefined, null, 1, 'text', [], {}, { data: null }, { message: [] }, { chat: 'x', member: 7 }])(
  'no link throws for %j',
  (input) => {
    for (const name of ['telegram', 'whatsapp', 'linear']) {
      expect(() => linkOf(name).find(input, 'Comment.create')).not.toThrow();
    }
  },
);
