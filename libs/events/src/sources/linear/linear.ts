import { defineSource } from '../../definitions/define-source.ts';
import { commentCreated } from './comment-events.ts';
import { issueCreated, issueDeleted, issueUpdated } from './issue-events.ts';
import { linearLink } from './link.ts';
import { linearSamples } from './samples.ts';
import { ignoresLinearActor, linearSettings } from './settings.ts';
import { unpackLinear } from './unpack.ts';
import { verifyLinear } from './verify.ts';

const HOUR = 3_600_000;

export const linear = defineSource({
  name: 'linear',
  title: 'Linear',
  settings: linearSettings,
  // Linear retries after 1 min, 1 h and 6 h: 7 h in total (https://linear.app/developers/webhooks).
  deduplicationWindow: 12 * HOUR,
  keepHeaders: ['linear-delivery', 'linear-event'],
  verify: verifyLinear,
  unpack: unpackLinear,
  ignoresActor: ignoresLinearActor,
  events: [issueCreated, issueUpdated, issueDeleted, commentCreated],
  lookups: {
    issue: ['data.identifier', 'data.issue.identifier', 'data.issueId', 'data.issue.id', 'data.id'],
    team: ['data.team.key', 'data.team.name', 'data.issue.team.key', 'data.teamId'],
    user: [
      'actor.id',
      'actor.name',
      'data.assignee.name',
      'data.assigneeId',
      'data.userId',
      'data.user.name',
    ],
    email: ['actor.email', 'data.assignee.email', 'data.user.email'],
  },
  link: linearLink,
  setUp: [
    'In Linear, as a workspace admin, open Settings, API, Webhooks, and create a webhook with {url} as its URL.',
    'Select the data change events: Issues for issueCreated, issueUpdated and issueDeleted; Comments for commentCreated.',
    'Set the signing secret that Linear shows for this webhook as a secret of the connection. Each webhook has a separate secret.',
    'If the bot writes to Linear, name its actor in settings.ignoreActors, or it triggers itself.',
    'Keep the clock of ingest synchronized: a webhook signed more than a minute ago is rejected.',
  ],
  samples: linearSamples,
});
