import { z } from 'zod';
import { defineEvent, withoutNulls } from '../../definitions/define-event.ts';
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
  description: 'A comment was added to an issue, project, document or initiative in Linear.',
  topic: 'Comment.create',
  input,
  schema: z.object({
    ...webhookPayload,
    id: z.string().describe('Id of the comment'),
    body: z.string().describe('Markdown'),
    createdAt: z.string().optional().describe('When the comment was created, ISO 8601'),
    parentId: z.string().optional().describe('Id of the parent comment, for a reply'),
    authorId: z
      .string()
      .optional()
      .describe("The author's Linear id; absent if an integration created the comment"),
    authorName: z.string().optional().describe('Name of the author'),
    issueId: z.string().optional().describe('Id of the issue; absent if the comment is on another object'),
    issueTitle: z.string().optional().describe('Title of the issue'),
    issueIdentifier: z.string().optional().describe('Like ENG-123; absent from older webhooks'),
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
