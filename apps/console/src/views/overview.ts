import { z } from 'zod';
import { connectionSchema } from './connection.ts';
import { count, moment } from './death.ts';

const perMinute = z.object({ webhooks: count, events: count });

const inUse = connectionSchema.extend({
  perMinute: perMinute.describe('of the last 60 s, or since the console began to watch'),
  history: z
    .array(perMinute.extend({ at: moment }))
    .describe(
      'a point a minute that was watched, the last has just begun; of more than 50 connections, those at rest have none',
    ),
  pending: z.int(),
  oldestWaiting: moment.nullable().describe('when that was received which waits longest for its bot'),
  dead: z.int(),
  drainSeconds: z.int().nullable().describe('null: it is held, or what waits does not get less'),
  lastSeen: moment.nullable().describe('when webhooks came last, as far as this console saw'),
  lagMs: z.int().nullable().describe('from the webhook to the event, of the one delivered last'),
});

export const overviewSchema = z.object({
  at: moment,
  since: moment.describe('when this console began to watch'),
  connections: z.array(inUse),
  queue: z.object({ waiting: count, active: count, delayed: count, dead: count }),
  oldestWaiting: moment.nullable().describe('when that was received which has waited longest to be taken'),
  hasWorkers: z.boolean().nullable().describe('null: Redis does not let this be asked'),
  redis: z.object({ used: count, limit: count.describe('0: none') }).describe('bytes, of the fullest'),
  ledger: z.object({ holds: z.boolean(), total: z.record(z.string(), z.int()) }),
  attention: z
    .array(
      z.object({
        severity: z.enum(['page', 'ticket', 'note']),
        connection: z.string().optional(),
        text: z.string(),
        to: z.string().describe('where in the page'),
      }),
    )
    .describe('the most urgent first'),
});

export type OverviewConnection = z.output<typeof inUse>;
