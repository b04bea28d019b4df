import type { Connections } from '@sluice/config';
import { type ChosenEvents, maskText } from '@sluice/events';
import type { HeldConnection } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import type { ConsoleContext } from '../context.ts';
import { Problem } from '../http/problem.ts';
import { count, moment, noteBody } from '../schemas/common.ts';
import { composeTest, postTest, testResult } from './connection-test.ts';

const params = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,63}(?::forward)?$/, 'Expected a connection id.'),
});

const holdSchema = z
  .object({
    by: z
      .enum(['refusals', 'operator'])
      .describe('refusals: the circuit is open; operator: the connection is paused'),
    reason: z.string(),
    since: moment,
    probeAt: moment.optional().describe('time of the next probe; absent for a paused connection'),
    waiting: count.describe('waiting deliveries'),
  })
  .meta({ id: 'Hold', description: 'Why the deliveries of a connection wait.' });

export const connectionSchema = z
  .object({
    id: z.string(),
    source: z.string().nullable().describe('null for a connection removed from the connections file'),
    botId: z.string().nullable(),
    eventsPerMinute: z.number().nullable(),
    hold: holdSchema.nullable(),
  })
  .meta({ id: 'Connection' });

const topicSchema = z.object({
  topic: z.string().describe('`*` for all topics without their own event'),
  event: z.string(),
});

export const connectionDetails = connectionSchema
  .extend({
    webhookUrl: z.string().nullable().describe('URL for the webhooks of the platform'),
    topics: z.array(topicSchema).describe('enabled topics'),
    share: z.number().nullable().describe('weight among the connections of the bot'),
    setUp: z.array(z.string()).describe('steps to set up the platform'),
    samples: z.array(z.string()).describe('topics with a sample webhook'),
  })
  .meta({ id: 'ConnectionDetails' });

export const listConnections = defineOperation({
  id: 'listConnections',
  method: 'get',
  path: '/connections',
  role: 'viewer',
  summary: 'List connections with their state, topics and setup',
  response: z.object({ connections: z.array(connectionDetails) }).meta({ id: 'ConnectionList' }),
  handle: async (_input, { connections, scheduler, edge }) => ({
    connections: viewDetails(connections(), await scheduler.heldConnections(), edge.publicUrl),
  }),
});

const shared = {
  method: 'post',
  role: 'operator',
  params,
  body: noteBody,
  response: connectionSchema,
} as const;

export const pauseConnection = defineOperation({
  ...shared,
  id: 'pauseConnection',
  path: '/connections/:id/pause',
  summary: 'Pause a connection',
  description: 'Its deliveries wait without attempts until it is resumed.',
  problems: [404],
  handle: async ({ params: { id }, body: { note }, user }, context) => {
    // A mistyped id would pause nothing, without notice.
    if (!context.connections().get(id)) throw noConnection(id);
    await context.scheduler.pauseConnection(id, { who: user.name, reason: note });
    return viewOne(id, context);
  },
});

export const resumeConnection = defineOperation({
  ...shared,
  id: 'resumeConnection',
  path: '/connections/:id/resume',
  summary: 'Resume a paused connection, or close an open circuit',
  description: 'Waiting deliveries are sent at the pace of the bot.',
  problems: [404, 409],
  handle: async ({ params: { id }, body: { note }, user }, context) => {
    const isResumed = await context.scheduler.resumeConnection(id, { who: user.name, reason: note });
    if (isResumed) return viewOne(id, context);
    throw context.connections().get(id) ? new Problem('conflict', `${id} is not paused.`) : noConnection(id);
  },
});

export const testConnection = defineOperation({
  id: 'testConnection',
  method: 'post',
  path: '/connections/:id/test',
  role: 'operator',
  summary: 'Send a sample webhook to ingest, signed like those of the platform',
  description: 'The webhook becomes an event of the bot.',
  params,
  body: z.strictObject({
    note: noteBody.shape.note,
    topic: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('by default, the first enabled topic with a sample'),
  }),
  response: testResult,
  problems: [404, 409],
  handle: async ({ params: { id }, body: { note, topic }, user }, { connections, audit, edge, now }) => {
    const connection = connections().get(id);
    if (!connection) throw noConnection(id);
    if (connection.isForward)
      throw new Problem('conflict', 'A forward has no webhooks. Test its connection.');
    const webhook = composeTest({ connection, topic, now: now() });
    await audit.append({ action: 'test', who: user.name, reason: note, about: { connection: id } });
    return postTest(`${edge.ingestUrl}/webhooks/${id}`, webhook);
  },
});

/** Returns the view of a connection, even if it is removed from the file and no longer paused. */
async function viewOne(id: string, { connections, scheduler }: ConsoleContext) {
  const all = viewConnections(connections(), await scheduler.heldConnections());
  const removed = { id, source: null, botId: null, eventsPerMinute: null, hold: null };
  return all.find((one) => one.id === id) ?? removed;
}

/** @param publicUrl URL of ingest for platforms */
function viewDetails(
  connections: Connections,
  holds: readonly HeldConnection[],
  publicUrl: string,
): z.output<typeof connectionDetails>[] {
  return viewConnections(connections, holds).map((view) => {
    const connection = connections.get(view.id);
    if (!connection) return { ...view, webhookUrl: null, topics: [], share: null, setUp: [], samples: [] };
    const { source, events, limits, isForward } = connection;
    if (isForward) {
      return { ...view, webhookUrl: null, topics: [], share: limits.share, setUp: [], samples: [] };
    }
    const webhookUrl = `${publicUrl}/webhooks/${view.id}`;
    return {
      ...view,
      ...{ webhookUrl, topics: viewTopics(events), share: limits.share },
      setUp: (source.setUp ?? []).map((step) => step.replaceAll('{url}', webhookUrl)),
      samples: [...(source.samples?.topics ?? [])],
    };
  });
}

function viewTopics(events: ChosenEvents): z.output<typeof topicSchema>[] {
  return [...events].flatMap(([topic, event]) => (event ? [{ topic, event: event.name }] : []));
}

/** Returns the connections of the file, and held connections that were removed from it, without secrets. */
export function viewConnections(
  connections: Connections,
  holds: readonly HeldConnection[],
): z.output<typeof connectionSchema>[] {
  const held = new Map(holds.map((hold) => [hold.connection, hold]));
  const configured = connections.withForwards().map(({ id, source, botpress, limits }) => ({
    id,
    source: source.name,
    botId: botpress.botId,
    eventsPerMinute: limits.eventsPerMinute,
    hold: viewHold(held.get(id)),
  }));
  const removed = holds
    .filter(({ connection }) => !connections.get(connection))
    .map((hold) => ({
      ...{ id: hold.connection, source: null, botId: null, eventsPerMinute: null },
      hold: viewHold(hold),
    }));
  return [...configured, ...removed];
}

function viewHold(hold: HeldConnection | undefined): z.output<typeof holdSchema> | null {
  if (!hold) return null;
  const { by, reason, since, probeAt, waiting } = hold;
  return { by, reason: maskText(reason), since, waiting, ...(probeAt === undefined ? {} : { probeAt }) };
}

function noConnection(id: string): Problem {
  return new Problem('not_found', `No connection "${id}" in the connections file.`);
}
