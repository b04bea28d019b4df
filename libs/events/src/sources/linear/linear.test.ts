import { readSharedFixtures } from '@sluice/testing';
import { describe, expect, test } from 'vitest';
import type { SourceDefinition } from '../../definitions/define-source.ts';
import { chooseEvents } from '../../pipeline/choose-events.ts';
import { mapDelivery } from '../../pipeline/prepare-event.ts';
import { unpackWebhook, validateDelivery, verifyWebhook } from '../../pipeline/receive-webhook.ts';
import { parseWebhook } from '../../verification/webhook.ts';
import { linear } from './linear.ts';
import { linearSamples } from './samples.ts';

const NOW = 1_790_000_000_000;
const SECRET = 'linear-test-secret';
const choice = chooseEvents(linear as SourceDefinition, {});
const events = choice.ok ? choice.events : new Map();

/** Signs a body with the current time and takes it through verify, parse and unpack. */
function receive(content: object) {
  const body = JSON.stringify({ ...content, webhookTimestamp: NOW });
  const request = linearSamples.sign({ headers: { 'linear-delivery': 'a delivery' }, body }, SECRET);
  const webhook = { headers: request.headers, body: Buffer.from(body), receivedAt: NOW };
  const verification = verifyWebhook(linear, webhook, { secrets: [SECRET], settings: {} });
  if (!verification.ok) throw new Error(verification.why);
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  return unpackWebhook(linear as SourceDefinition, { id: 'acme', settings: {}, events }, parsing.parsed);
}

function eventOf(content: object) {
  const [unpacked] = receive(content).deliveries;
  if (!unpacked) throw new Error('ignored');
  expect(validateDelivery(unpacked)).toEqual([]);
  const mapping = mapDelivery(unpacked.event, unpacked.delivery, {});
  if (!mapping.ok) throw new Error(JSON.stringify(mapping));
  return mapping.event;
}

const sample = (topic: string) =>
  JSON.parse(linearSamples.compose(topic, { number: 1, now: NOW, settings: {} }).body);

/** Topic and event of each captured payload; `undefined` if it is ignored. */
const outcomes: Record<string, string | undefined> = {
  'Comment.create.json': 'commentCreated',
  'Comment.update.json': undefined,
  'Issue.create.json': 'issueCreated',
  'Issue.remove.json': 'issueDeleted',
  'Reaction.create.json': undefined,
};

const shared = readSharedFixtures('linear');
describe.skipIf(shared.length === 0)('captured Linear payloads', () => {
  test('all have an expectation', () =>
    expect(shared.map(({ name }) => name).sort()).toEqual(Object.keys(outcomes)));

  test.each(shared)('become the expected event: $name', ({ name, json }) => {
    const content = json as { type: string; action: string; createdAt: string; data: { id: string } };
    const expected = outcomes[name];
    if (expected === undefined) return expect(receive(content)).toMatchObject({ deliveries: [], ignored: 1 });
    const { type, payload } = eventOf(content);
    expect(type).toBe(expected);
    expect(payload).toMatchObject({ id: content.data.id, fullBody: { data: content.data } });
    expect(payload).not.toHaveProperty('actor');
    expect(JSON.stringify({ ...payload, fullBody: undefined })).not.toContain('null');
    expect(receive(content).deliveries[0]?.delivery).toMatchObject({
      topic: `${content.type}.${content.action}`,
      occurredAt: Date.parse(content.createdAt),
      headers: { 'linear-delivery': 'a delivery' },
    });
  });
});

test('issueCreated has the fields of Botpress’ Linear integration and the actor', () => {
  const content = sample('Issue.create');
  const { data } = content;
  expect(eventOf(content)).toEqual({
    type: 'issueCreated',
    payload: {
      id: data.id,
      identifier: 'ENG-101',
      number: 101,
      title: 'Sync stops after a token refresh',
      description: data.description,
      url: 'https://linear.app/acme/issue/ENG-101',
      priority: 1,
      priorityLabel: 'Urgent',
      status: 'Backlog',
      statusType: 'backlog',
      statusColor: '#bec2c8',
      teamKey: 'ENG',
      teamName: 'Engineering',
      labels: ['Bug'],
      createdAt: data.createdAt,
      updatedAt: data.updatedAt,
      linearIds: {
        creatorId: data.creatorId,
        statusId: data.stateId,
        teamId: data.teamId,
        labelIds: data.labelIds,
        subscriberIds: data.subscriberIds,
      },
      organizationId: content.organizationId,
      occurredAt: content.createdAt,
      actor: { id: data.creatorId, name: 'Jörg Weiß', type: 'user' },
      fullBody: content,
      deliveryId: expect.stringMatching(/^dlv_/),
    },
  });
});

test('a restored issue becomes issueCreated', () => {
  expect(eventOf(sample('Issue.restore')).type).toBe('issueCreated');
});

test('the identifier of older payloads is derived from team and number', () => {
  const { data, ...content } = sample('Issue.create');
  const { identifier: _, ...older } = data;
  expect(eventOf({ ...content, data: older }).payload).toMatchObject({ identifier: 'ENG-101' });
  const { team: __, ...oldest } = older;
  expect(eventOf({ ...content, data: oldest }).payload).not.toHaveProperty('identifier');
});

test('issueUpdated has the changed fields and their previous values', () => {
  const content = sample('Issue.update');
  const { type, payload } = eventOf(content);
  const { updatedAt: _, ...before } = content.updatedFrom;
  expect(type).toBe('issueUpdated');
  expect(payload).toMatchObject({ status: 'In Progress', assigneeName: 'Marta Núñez' });
  expect(payload.changedFields).toEqual(['startedAt', 'sortOrder', 'stateId', 'assigneeId']);
  expect(payload.previousValues).toEqual(before);
  expect(before).toMatchObject({ startedAt: null, assigneeId: null });
});

test('an update without updatedFrom has no changed fields', () => {
  const { updatedFrom: _, ...content } = sample('Issue.update');
  expect(eventOf(content).payload).toMatchObject({ changedFields: [], previousValues: {} });
});

test('issueDeleted needs only the id and has the other fields that exist', () => {
  expect(eventOf(sample('Issue.remove'))).toMatchObject({
    type: 'issueDeleted',
    payload: { identifier: 'ENG-101', title: 'Sync stops after a token refresh' },
  });
  expect(eventOf({ type: 'Issue', action: 'remove', data: { id: 'i1' } }).payload).toEqual({
    id: 'i1',
    linearIds: {},
    fullBody: { type: 'Issue', action: 'remove', data: { id: 'i1' }, webhookTimestamp: NOW },
    deliveryId: expect.any(String),
  });
});

test('commentCreated has body, author and issue', () => {
  const { data, url } = sample('Comment.create');
  expect(eventOf(sample('Comment.create'))).toMatchObject({
    type: 'commentCreated',
    payload: {
      id: data.id,
      body: data.body,
      url,
      authorId: data.userId,
      authorName: 'Jörg Weiß',
      issueId: data.issueId,
      issueTitle: data.issue.title,
      issueIdentifier: 'ENG-101',
    },
  });
});

test('a comment on a project by an integration becomes commentCreated', () => {
  const data = { id: 'c1', body: 'Done.', projectUpdateId: 'p1', user: null, issue: null };
  const { payload } = eventOf({ type: 'Comment', action: 'create', data });
  expect(Object.keys(payload).sort()).toEqual(['body', 'deliveryId', 'fullBody', 'id']);
});

test.each([
  [{ type: 'Issue', action: 'archive', data: { id: 'i1' } }],
  [{ type: 'issue', action: 'create', data: { id: 'i1' } }],
  [{ type: 'AppUserNotification', action: 'issueAssignedToYou', notification: { id: 'n1' } }],
  [{ type: 'OAuthApp', action: 'revoked' }],
  [{ type: 5, action: ['create'] }],
  [{}],
])('the Linear webhook %j is ignored', (content) => {
  expect(receive(content)).toMatchObject({ deliveries: [], ignored: 1 });
});

test('an invalid webhook of a known topic has issues and is not ignored', () => {
  const [unpacked] = receive({ type: 'Issue', action: 'create', data: { id: 7 } }).deliveries;
  expect(unpacked && validateDelivery(unpacked)).toEqual([
    { path: 'data.id', message: expect.stringContaining('expected string') },
  ]);
});

test('the deduplication window is longer than the 7 h for which Linear retries', () => {
  expect(linear.deduplicationWindow).toBeGreaterThan(8 * 3_600_000);
});
