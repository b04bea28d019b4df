import { createHmac } from 'node:crypto';
import { sampleId } from '../../sample-id.ts';
import type { SampleRequest, SourceSamples } from '../../samples.ts';
import { composeIssue, issueUrl, STATES, samplePerson } from './sample-issue.ts';
import type { LinearSettings } from './settings.ts';

type Composer = (number: number, now: number) => Record<string, unknown>;

const HOUR = 3_600_000;

const composers: Record<string, Composer> = {
  'Issue.create': (number, now) => ({ data: composeIssue(number, now), url: issueUrl(number) }),
  'Issue.restore': (number, now) => ({ data: composeIssue(number, now), url: issueUrl(number) }),
  'Issue.update': composeUpdate,
  'Issue.remove': composeRemoval,
  'Comment.create': composeComment,
};

/** Webhooks as Linear sends them, about 1.5 kB each. */
export const linearSamples: SourceSamples<LinearSettings> = {
  topics: Object.keys(composers),
  compose(topic, { number, now }): SampleRequest {
    const compose = composers[topic];
    if (!compose)
      throw new RangeError(`no sample of ${topic}; there are: ${Object.keys(composers).join(', ')}`);
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

/** Somebody began to work on an issue of an hour ago. */
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

/** An issue of an hour ago; a removal has no url. */
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
