import { z } from 'zod';
import { defineEvent } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import { linearWebhook, mapWebhook, text, webhookPayload } from './webhook-fields.ts';

const input = linearWebhook.extend({
  data: z.looseObject({
    id: z.string(),
    body: z.string(),
    createdAt: text,
    parentId: text,
    userId: text,
    user: z.looseObject({ id: text, name: text }).nullish(),
    issueId: text,
    issue: z.looseObject({ id: text, title: text, identifier: text }).nullish(),
  }),
});

export const commentCreated = defineEvent({
  name: 'commentCreated',
  title: 'Comment created',
  description: 'Somebody commented on an issue, or on a project, document or initiative, in Linear.',
  topic: 'Comment.create',
  input,
  schema: z.object({
    ...webhookPayload,
    id: z.string().describe('Id of the comment'),
    body: z.string().describe('Markdown'),
    createdAt: z.string().optional().describe('When it was written, ISO 8601'),
    parentId: z.string().optional().describe('Id of the comment that it answers'),
    authorId: z.string().optional().describe("The author's Linear id; absent when an integration wrote it"),
    authorName: z.string().optional(),
    issueId: z.string().optional().describe('Absent when it is not about an issue'),
    issueTitle: z.string().optional(),
    issueIdentifier: z.string().optional().describe('Like ENG-123; older webhooks lack it'),
  }),
  map: (webhook: z.output<typeof input>) => {
    const { data } = webhook;
    return {
      ...mapWebhook(webhook),
      id: data.id,
      body: data.body,
      ...withoutNulls({
        createdAt: data.createdAt,
        parentId: data.parentId,
        authorId: data.userId ?? data.user?.id,
        authorName: data.user?.name,
        issueId: data.issueId ?? data.issue?.id,
        issueTitle: data.issue?.title,
        issueIdentifier: data.issue?.identifier,
      }),
    };
  },
});
