import { z } from 'zod';
import { defineEvent, withoutNulls } from '../../definitions/define-event.ts';
import { linearWebhook, mapWebhook, text, webhookPayload } from './webhook-fields.ts';

const number = z.number().nullish();
const ids = z.array(z.string()).nullish();
const reference = z.looseObject({ id: text, name: text }).nullish();

/** A webhook about an issue. Only the id is required: a removal may hold nothing else. */
const issueWebhook = linearWebhook.extend({
  data: z.looseObject({
    id: z.string(),
    identifier: text,
    number,
    title: text,
    description: text,
    priority: number,
    priorityLabel: text,
    estimate: number,
    dueDate: text,
    createdAt: text,
    updatedAt: text,
    team: z.looseObject({ id: text, key: text, name: text }).nullish(),
    state: z.looseObject({ id: text, name: text, type: text, color: text }).nullish(),
    labels: z.array(z.looseObject({ name: text })).nullish(),
    assignee: reference,
    project: reference,
    creatorId: text,
    assigneeId: text,
    projectId: text,
    stateId: text,
    teamId: text,
    labelIds: ids,
    subscriberIds: ids,
  }),
});

/** The names are those of Botpress' Linear integration, so that a bot can switch between the two. */
const issuePayload = z.object({
  ...webhookPayload,
  id: z.string().describe('Id of the issue'),
  identifier: z.string().optional().describe('Identifier of the issue, like ENG-123'),
  number: z.number().optional().describe('Number of the issue within its team, like 123'),
  title: z.string().optional().describe('Title of the issue'),
  description: z.string().optional().describe('Markdown'),
  priority: z.number().optional().describe('0 none, 1 urgent, 2 high, 3 normal, 4 low'),
  priorityLabel: z.string().optional().describe('Name of the priority'),
  estimate: z.number().optional().describe('Estimate in points'),
  dueDate: z.string().optional().describe('Date like 2026-09-30'),
  createdAt: z.string().optional().describe('When the issue was created, ISO 8601'),
  updatedAt: z.string().optional().describe('When the issue was last updated, ISO 8601'),
  teamKey: z.string().optional().describe('Key of the team, like ENG'),
  teamName: z.string().optional().describe('Name of the team'),
  status: z.string().optional().describe('Name of the workflow state, like In Progress'),
  statusType: z.string().optional().describe('backlog, unstarted, started, completed, canceled, …'),
  statusColor: z.string().optional().describe('Color like #bec2c8'),
  labels: z.array(z.string()).optional().describe('Names of the labels'),
  assigneeName: z.string().optional().describe('Name of the assignee'),
  projectName: z.string().optional().describe('Name of the project'),
  linearIds: z
    .object({
      creatorId: z.string().optional().describe('Id of the user who created the issue'),
      assigneeId: z.string().optional().describe('Id of the assignee'),
      statusId: z.string().optional().describe('Id of the workflow state'),
      teamId: z.string().optional().describe('Id of the team'),
      projectId: z.string().optional().describe('Id of the project'),
      labelIds: z.array(z.string()).optional().describe('Ids of the labels'),
      subscriberIds: z.array(z.string()).optional().describe('Ids of the subscribed users'),
    })
    .describe('Linear ids of the objects related to the issue'),
});

type IssueWebhook = z.output<typeof issueWebhook>;

/** Maps a webhook about an issue to the payload that all issue events share. */
function mapIssue(webhook: IssueWebhook): z.input<typeof issuePayload> {
  const { data } = webhook;
  const { state, team } = data;
  return {
    ...mapWebhook(webhook),
    id: data.id,
    linearIds: linearIds(data),
    ...withoutNulls({
      identifier: data.identifier ?? identifierOf(data),
      number: data.number,
      title: data.title,
      description: data.description,
      priority: data.priority,
      priorityLabel: data.priorityLabel,
      estimate: data.estimate,
      dueDate: data.dueDate,
      createdAt: data.createdAt,
      updatedAt: data.updatedAt,
      teamKey: team?.key,
      teamName: team?.name,
      status: state?.name,
      statusType: state?.type,
      statusColor: state?.color,
      labels: data.labels?.flatMap(({ name }) => name ?? []),
      assigneeName: data.assignee?.name,
      projectName: data.project?.name,
    }),
  };
}

/** Older payloads lack the identifier, but hold its parts. */
function identifierOf({ team, number }: IssueWebhook['data']): string | undefined {
  return team?.key && number ? `${team.key}-${number}` : undefined;
}

function linearIds(data: IssueWebhook['data']) {
  return withoutNulls({
    creatorId: data.creatorId,
    assigneeId: data.assigneeId ?? data.assignee?.id,
    statusId: data.stateId ?? data.state?.id,
    teamId: data.teamId ?? data.team?.id,
    projectId: data.projectId ?? data.project?.id,
    labelIds: data.labelIds,
    subscriberIds: data.subscriberIds,
  });
}

export const issueCreated = defineEvent({
  name: 'issueCreated',
  title: 'Issue created',
  description: 'An issue was created in Linear, or restored from the trash.',
  topic: ['Issue.create', 'Issue.restore'],
  input: issueWebhook,
  schema: issuePayload,
  map: mapIssue,
});

const updateWebhook = issueWebhook.extend({ updatedFrom: z.record(z.string(), z.unknown()).nullish() });

export const issueUpdated = defineEvent({
  name: 'issueUpdated',
  title: 'Issue updated',
  description: 'An issue was changed in Linear, e.g. its state, assignee or title.',
  topic: 'Issue.update',
  input: updateWebhook,
  schema: issuePayload.extend({
    changedFields: z
      .array(z.string())
      .describe(
        "Names of the changed fields as in Linear's API, like stateId, without updatedAt, which always changes",
      ),
    previousValues: z
      .record(z.string(), z.unknown())
      .describe('Values of these fields before the change; null if a field had none'),
  }),
  map: (webhook: z.output<typeof updateWebhook>) => {
    const { updatedAt: _, ...previousValues } = webhook.updatedFrom ?? {};
    return { ...mapIssue(webhook), changedFields: Object.keys(previousValues), previousValues };
  },
});

export const issueDeleted = defineEvent({
  name: 'issueDeleted',
  title: 'Issue deleted',
  description: 'An issue was deleted in Linear. Archiving an issue is an update.',
  topic: 'Issue.remove',
  input: issueWebhook,
  schema: issuePayload,
  map: mapIssue,
});
