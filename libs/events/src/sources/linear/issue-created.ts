import { defineEvent } from '../../define-event.ts';
import { issuePayload, issueWebhook, mapIssue } from './issue.ts';

export const issueCreated = defineEvent({
  name: 'issueCreated',
  title: 'Issue created',
  description: 'An issue was created in Linear, or restored from the trash.',
  topic: ['Issue.create', 'Issue.restore'],
  input: issueWebhook,
  schema: issuePayload,
  map: mapIssue,
});
