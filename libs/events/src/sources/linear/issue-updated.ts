import { z } from 'zod';
import { defineEvent } from '../../define-event.ts';
import { issuePayload, issueWebhook, mapIssue } from './issue.ts';

const input = issueWebhook.extend({ updatedFrom: z.record(z.string(), z.unknown()).nullish() });

export const issueUpdated = defineEvent({
  name: 'issueUpdated',
  title: 'Issue updated',
  description: 'An issue was changed in Linear: its state, assignee, title, …',
  topic: 'Issue.update',
  input,
  schema: issuePayload.extend({
    changedFields: z
      .array(z.string())
      .describe("What changed, by Linear's names, like stateId; updatedAt, which always does, left out"),
    previousValues: z
      .record(z.string(), z.unknown())
      .describe('The values that these fields had before; null where there was none'),
  }),
  map: (webhook: z.output<typeof input>) => {
    const { updatedAt: _, ...previousValues } = webhook.updatedFrom ?? {};
    return { ...mapIssue(webhook), changedFields: Object.keys(previousValues), previousValues };
  },
});
