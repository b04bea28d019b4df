import { maskText } from '@sluice/events';
import { DEAD_REASONS, type DeadLetter, type DeadLetterGroup, FAULT_OF, remedyOf } from '@sluice/queue';
import { z } from 'zod';
import { count, issuesSchema, moment, viewIssues } from './common.ts';

export const failureSchema = z
  .object({
    reason: z.enum(DEAD_REASONS),
    faultOf: z.enum(['sender', 'pipeline', 'destination']).describe('most frequent origin of this reason'),
    remedy: z.string().describe('what to do'),
    group: z.string().optional(),
    message: z.string().describe('personal data masked'),
    issues: issuesSchema.optional(),
    status: z.int().optional().describe('HTTP status of Botpress'),
    type: z.string().optional().describe('error type of Botpress'),
    errorId: z.string().optional().describe('error id of Botpress'),
    eventId: z.string().optional().describe('event that the bot failed or ignored'),
    source: z.string().optional(),
    event: z.string().optional().describe('event that the delivery was mapped to'),
  })
  .meta({ id: 'Failure', description: 'Failure of a dead letter.' });

export function viewFailure({
  reason,
  group,
  detail,
  origin,
}: Pick<DeadLetter, 'reason' | 'group' | 'detail' | 'origin'>): z.output<typeof failureSchema> {
  const { message, issues, status, type, errorId, eventId } = detail;
  return {
    reason,
    faultOf: FAULT_OF[reason],
    remedy: remedyOf({ reason, detail }),
    ...(group === undefined ? {} : { group }),
    message: maskText(message),
    ...viewIssues(issues),
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
    ...(errorId === undefined ? {} : { errorId }),
    ...(eventId === undefined ? {} : { eventId }),
    ...(origin ? { source: origin.source } : {}),
    ...(origin?.event === undefined ? {} : { event: origin.event }),
  };
}

export const deadLetterSchema = z
  .object({
    id: z.string(),
    connection: z.string(),
    topic: z.string(),
    receivedAt: moment,
    diedAt: moment.describe('time of the failure'),
    attempts: count,
    death: failureSchema,
  })
  .meta({ id: 'DeadLetter', description: 'Delivery without further attempts.' });

export function viewDeadLetter(letter: DeadLetter): z.output<typeof deadLetterSchema> {
  const { id, connection, topic, receivedAt, diedAt, attempts } = letter;
  return { id, connection, topic, receivedAt, diedAt, attempts, death: viewFailure(letter) };
}

export const groupSchema = z
  .object({
    group: z.string().describe('id of the group'),
    count,
    first: moment.describe('time of its first failure'),
    last: moment.describe('time of its last failure'),
    connection: z.string().nullable(),
    topic: z.string(),
    example: z.string().describe('id of its newest dead letter'),
    death: failureSchema.describe('failure of the example'),
  })
  .meta({ id: 'DeadLetterGroup', description: 'Dead letters with the same cause.' });

export function viewGroup({
  group,
  count: size,
  first,
  last,
  example: { id, topic, death },
}: DeadLetterGroup): z.output<typeof groupSchema> {
  return {
    ...{ group, count: size, first, last, topic },
    connection: death.origin?.connection ?? null,
    example: id,
    death: viewFailure(death),
  };
}
