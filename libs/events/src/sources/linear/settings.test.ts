import { describe, expect, test } from 'vitest';
import { ignoresLinearActor, linearSettings } from './settings.ts';

const BOT = 'b0000000-0000-4000-8000-000000000001';
const OTHER = 'b0000000-0000-4000-8000-000000000002';

const ignores = (webhook: object, ignoreActors?: string[]) =>
  ignoresLinearActor(webhook, linearSettings.parse(ignoreActors ? { ignoreActors } : {}));

const comment = (data: object, more: object = {}) => ({
  type: 'Comment',
  action: 'create',
  data: { id: 'c1', ...data },
  ...more,
});

describe('ignoreActors with an id ignores', () => {
  test.each([
    ['what the actor did', comment({}, { actor: { id: BOT, type: 'user' } })],
    [
      'an update by the actor of another author’s comment',
      { ...comment({ userId: OTHER }, { actor: { id: BOT } }), action: 'update' },
    ],
    ['a comment of the user without an actor', comment({ userId: BOT })],
    ['a comment whose user is an object', comment({ user: { id: BOT, name: 'Bot' } })],
    ['a comment of a bot actor', comment({ userId: null, botActor: { id: BOT } }, { actor: null })],
    [
      'a new comment of the user by its application',
      comment({ userId: BOT }, { actor: { id: OTHER, type: 'OauthClient' } }),
    ],
    [
      'an issue that the actor created, without an actor',
      { type: 'Issue', action: 'create', data: { creatorId: BOT } },
    ],
  ])('%s', (_, webhook) => {
    expect(ignores(webhook, [OTHER.replace('2', '3'), BOT])).toBe(true);
  });
});

describe('ignoreActors with an id does not ignore', () => {
  test.each([
    ['what another user did', comment({ userId: OTHER }, { actor: { id: OTHER } })],
    [
      'another user’s edit of the comment',
      { ...comment({ userId: BOT }, { actor: { id: OTHER } }), action: 'update' },
    ],
    [
      'another user’s change of the issue',
      { type: 'Issue', action: 'update', data: { creatorId: BOT }, actor: { id: OTHER } },
    ],
    ['a reply to the comment', comment({ userId: OTHER, parentId: BOT })],
    ['a webhook without actor and author', comment({})],
    ['ids of another type', comment({ userId: 7 }, { actor: { id: [BOT] } })],
    ['a body that is not an object', []],
  ])('%s', (_, webhook) => {
    expect(ignores(webhook, [BOT])).toBe(false);
  });
});

test.each([
  [comment({}, { actor: { id: 'o1', type: 'OauthClient' } }), true],
  [comment({}, { actor: { id: 'i1', type: 'integration' } }), true],
  [comment({ botActor: { id: 'i1', type: 'app' } }), true],
  [
    { ...comment({ botActor: { id: 'i1' } }, { actor: { id: OTHER, type: 'user' } }), action: 'update' },
    false,
  ],
  [comment({}, { actor: { id: OTHER, type: 'user' } }), false],
  [comment({}, { actor: { id: OTHER, type: 'externalUser' } }), false],
  [comment({}, { actor: { id: OTHER, type: 'somethingNew' } }), false],
  [comment({}), false],
])('ignoreActors with apps: %j is ignored: %s', (webhook, isIgnored) => {
  expect(ignores(webhook, ['apps'])).toBe(isIgnored);
});

test('without ignoreActors nothing is ignored', () => {
  expect(ignores(comment({ userId: BOT }, { actor: { id: BOT, type: 'OauthClient' } }))).toBe(false);
});

test.each([
  [['self'], 'viewer'],
  [[''], 'is empty'],
  [[], 'is empty'],
  [[7], 'expected string'],
])('ignoreActors rejects %j', (ignoreActors, message) => {
  expect(JSON.stringify(linearSettings.safeParse({ ignoreActors }).error?.issues)).toContain(message);
});
