import { z } from 'zod';
import { withoutNulls } from '../../without-nulls.ts';
import { linearWebhook, mapWebhook, text, webhookPayload } from './webhook-fields.ts';

const number = z.number().nullish();
const ids = z.array(z.string()).nullish();
const named = z.looseObject({ id: text, name: text }).nullish();

/** A webhook about an issue. Only the id is asked for: a removal may carry nothing else. */
export const issueWebhook = linearWebhook.extend({
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
    assignee: named,
    project: named,
    creatorId: text,
    assigneeId: text,
    projectId: text,
    stateId: text,
    teamId: text,
    labelIds: ids,
    subscriberIds: ids,
  }),
});

/** Names as in Botpress' own Linear integration, so that a bot may move from one to the other. */
export const issuePayload = z.object({
  ...webhookPayload,
  id: z.string().describe('Id of the issue'),
  identifier: z.string().optional().describe('What people call it, like ENG-123'),
  number: z.number().optional().describe('Its number within the team, like 123'),
  title: z.string().optional(),
  description: z.string().optional().describe('Markdown'),
  priority: z.number().optional().describe('0 none, 1 urgent, 2 high, 3 normal, 4 low'),
  priorityLabel: z.string().optional().describe('The same in words'),
  estimate: z.number().optional().describe('Points'),
  dueDate: z.string().optional().describe('Like 2026-09-30'),
  createdAt: z.string().optional().describe('When the issue was created, ISO 8601'),
  updatedAt: z.string().optional().describe('When the issue was last updated, ISO 8601'),
  teamKey: z.string().optional().describe('Like ENG'),
  teamName: z.string().optional(),
  status: z.string().optional().describe('Name of the state, like In Progress'),
  statusType: z.string().optional().describe('backlog, unstarted, started, completed, canceled, …'),
  statusColor: z.string().optional().describe('Like #bec2c8'),
  labels: z.array(z.string()).optional().describe('Names of the labels'),
  assigneeName: z.string().optional(),
  projectName: z.string().optional(),
  linearIds: z
    .object({
      creatorId: z.string().optional(),
      assigneeId: z.string().optional(),
      statusId: z.string().optional(),
      teamId: z.string().optional(),
      projectId: z.string().optional(),
      labelIds: z.array(z.string()).optional(),
      subscriberIds: z.array(z.string()).optional(),
    })
    .describe('Ids of what the issue belongs to'),
});

export type IssueWebhook = z.output<typeof issueWebhook>;

/** Maps a webhook about an issue to what all events about issues say. */
export function mapIssue(webhook: IssueWebhook): z.input<typeof issuePayload> {
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

/** Older payloads have no identifier, but what it is made of. */
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
