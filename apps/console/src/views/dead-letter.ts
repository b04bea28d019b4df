import type { DeadLetter, DeadLetterGroup } from '@sluice/queue';
import { z } from 'zod';
import { count, deathSchema, moment, viewDeath } from './death.ts';

export const deadLetterSchema = z.object({
  id: z.string(),
  connection: z.string(),
  topic: z.string(),
  receivedAt: moment,
  diedAt: moment,
  attempts: count,
  death: deathSchema,
});

export function viewDeadLetter(letter: DeadLetter): z.output<typeof deadLetterSchema> {
  const { id, connection, topic, receivedAt, diedAt, attempts } = letter;
  return { id, connection, topic, receivedAt, diedAt, attempts, death: viewDeath(letter) };
}

export const groupSchema = z.object({
  group: z.string(),
  count,
  first: moment.describe('when its first died'),
  last: moment,
  connection: z.string().nullable(),
  topic: z.string(),
  example: z.string().describe('id of its newest'),
  death: deathSchema.describe('of that one'),
});

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
    death: viewDeath(death),
  };
}
