import { defineEvent } from '../../define-event.ts';
import { issuePayload, issueWebhook, mapIssue } from './issue.ts';

export const issueDeleted = defineEvent({
  name: 'issueDeleted',
  title: 'Issue deleted',
  description: 'An issue was deleted in Linear. Archiving one is an update.',
  topic: 'Issue.remove',
  input: issueWebhook,
  schema: issuePayload,
  map: mapIssue,
});
