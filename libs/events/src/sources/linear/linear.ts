import { defineSource } from '../../define-source.ts';
import { commentCreated } from './comment-created.ts';
import { issueCreated } from './issue-created.ts';
import { issueDeleted } from './issue-deleted.ts';
import { issueUpdated } from './issue-updated.ts';
import { linearSamples } from './samples.ts';
import { linearSetUp } from './set-up.ts';
import { linearSettings } from './settings.ts';
import { unpackLinear } from './unpack.ts';
import { verifyLinear } from './verify.ts';

const HOUR = 3_600_000;

export const linear = defineSource({
  name: 'linear',
  title: 'Linear',
  settings: linearSettings,
  // Linear retries after 1 min, 1 h and 6 h, so for 7 h in all.
  deduplicationWindow: 12 * HOUR,
  keepHeaders: ['linear-delivery', 'linear-event'],
  verify: verifyLinear,
  unpack: unpackLinear,
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
  setUp: linearSetUp,
  samples: linearSamples,
});
