import { createHmac } from 'node:crypto';
import {
  composerOf,
  pick,
  type SampleRequest,
  type SourceSamples,
  sampleId,
} from '../../definitions/samples.ts';

type Composer = (number: number, now: number) => Record<string, unknown>;

const HOUR = 3_600_000;

const composers: Record<string, Composer> = {
  'Issue.create': (number, now) => ({ data: composeIssue(number, now), url: issueUrl(number) }),
  'Issue.restore': (number, now) => ({ data: composeIssue(number, now), url: issueUrl(number) }),
  'Issue.update': composeUpdate,
  'Issue.remove': composeRemoval,
  'Comment.create': composeComment,
};

/** Sample webhooks in the form that Linear sends, about 1.5 kB each. */
export const linearSamples: SourceSamples = {
  topics: Object.keys(composers),
  compose(topic, { number, now }): SampleRequest {
    const compose = composerOf(composers, topic);
    const [type = '', action] = topic.split('.');
    return {
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Linear-Webhook',
        'linear-delivery': sampleId(`linear delivery ${topic} ${number} ${now}`),
        'linear-event': type,
        'linear-timestamp': String(now),
      },
      body: JSON.stringify({
        action,
        actor: { ...samplePerson(number), type: 'user' },
        createdAt: new Date(now).toISOString(),
        type,
        organizationId: sampleId('linear organization'),
        ...compose(number, now),
        webhookTimestamp: now,
        webhookId: sampleId('linear webhook'),
      }),
    };
  },
  sign(request, secret) {
    const signature = createHmac('sha256', secret).update(request.body).digest('hex');
    return { ...request, headers: { ...request.headers, 'linear-signature': signature } };
  },
};

/** Composes an update that starts an issue created an hour ago. */
function composeUpdate(number: number, now: number) {
  const issue = composeIssue(number, now - HOUR);
  const assignee = samplePerson(number + 1);
  const { sortOrder, stateId, updatedAt } = issue;
  return {
    data: {
      ...issue,
      updatedAt: new Date(now).toISOString(),
      startedAt: new Date(now).toISOString(),
      sortOrder: sortOrder + 40,
      stateId: STATES.started.id,
      state: STATES.started,
      assigneeId: assignee.id,
      assignee,
    },
    updatedFrom: { updatedAt, startedAt: null, sortOrder, stateId, assigneeId: null },
    url: issueUrl(number),
  };
}

/** Composes the removal of an issue created an hour ago. A removal has no url. */
function composeRemoval(number: number, now: number) {
  const { url: _, ...issue } = composeIssue(number, now - HOUR);
  return { data: { ...issue, archivedAt: new Date(now).toISOString(), trashed: true } };
}

function composeComment(number: number, now: number) {
  const { id, title, identifier } = composeIssue(number, now - HOUR);
  const author = samplePerson(number);
  const at = new Date(now).toISOString();
  const comment = sampleId(`linear comment ${number} ${now}`);
  return {
    data: {
      id: comment,
      createdAt: at,
      updatedAt: at,
      body: `I can see it too, since the last release. 👀\n\n> step ${number}`,
      issueId: id,
      userId: author.id,
      reactionData: [],
      issue: { id, title, identifier },
      user: author,
    },
    url: `${issueUrl(number)}#comment-${comment.slice(0, 8)}`,
  };
}

const ISSUES = [
  {
    title: 'Checkout asks for the postcode twice',
    description: 'On **Safari 18** only.\n\n1. Fill the cart',
    priority: 2,
  },
  {
    title: 'Sync stops after a token refresh',
    description: 'See the log of 03:12 — 401, then nothing.',
    priority: 1,
  },
  { title: 'Übersetzung der Rechnung prüfen 🇩🇪', description: undefined, priority: 0 },
  {
    title: 'Let admins export the audit log as CSV',
    description: 'Asked for by *three* customers.',
    priority: 3,
  },
] as const;

const PRIORITIES = ['No priority', 'Urgent', 'High', 'Medium', 'Low'] as const;

const PEOPLE = ['Ada Okafor', 'Jörg Weiß', 'Marta Núñez'] as const;

const TEAM = { id: sampleId('linear team'), key: 'ENG', name: 'Engineering' };

const STATES = {
  backlog: { id: sampleId('linear backlog'), color: '#bec2c8', name: 'Backlog', type: 'backlog' },
  started: { id: sampleId('linear started'), color: '#f2c94c', name: 'In Progress', type: 'started' },
} as const;

/** Returns the actor: the same person for the same number. */
function samplePerson(number: number) {
  const name = pick(PEOPLE, number);
  return { id: sampleId(`linear person ${name}`), name };
}

/**
 * Composes an issue in the form that Linear sends: fields without a value are omitted, not null.
 *
 * @param number which issue, from 1
 * @param now milliseconds since the epoch; the id is derived from both
 */
function composeIssue(number: number, now: number) {
  const { title, description, priority } = pick(ISSUES, number);
  const person = samplePerson(number);
  const label = {
    id: sampleId('linear label bug'),
    color: '#eb5757',
    name: 'Bug',
    parentId: sampleId('linear label group'),
  };
  const at = new Date(now).toISOString();
  return {
    id: sampleId(`linear issue ${number} ${now}`),
    createdAt: at,
    updatedAt: at,
    number: 100 + number,
    title,
    priority,
    ...(number % 2 === 0 ? { estimate: 3 } : {}),
    boardOrder: 0,
    sortOrder: -81.5 - number,
    labelIds: number % 2 === 0 ? [] : [label.id],
    teamId: TEAM.id,
    previousIdentifiers: [],
    creatorId: person.id,
    stateId: STATES.backlog.id,
    priorityLabel: pick(PRIORITIES, priority),
    subscriberIds: [person.id],
    identifier: `${TEAM.key}-${100 + number}`,
    url: issueUrl(number),
    state: STATES.backlog,
    team: TEAM,
    labels: number % 2 === 0 ? [] : [label],
    ...(description === undefined ? {} : { description }),
  };
}

function issueUrl(number: number): string {
  return `https://linear.app/acme/issue/${TEAM.key}-${100 + number}`;
}
