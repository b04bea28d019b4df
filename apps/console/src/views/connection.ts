import type { Connections } from '@sluice/config';
import { type ChosenEvents, maskText } from '@sluice/events';
import type { HeldConnection } from '@sluice/queue';
import { z } from 'zod';
import { Problem } from '../problem.ts';
import { count, moment } from './death.ts';

export const connectionId = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,63}$/, 'is no id of a connection'),
});

const holdSchema = z.object({
  by: z.enum(['refusals', 'operator']),
  reason: z.string(),
  since: moment,
  probeAt: moment.optional().describe('when one delivery is tried next; not where an operator holds'),
  waiting: count,
});

export const connectionSchema = z.object({
  id: z.string(),
  source: z.string().nullable().describe('null: it is held, and not in the connections file'),
  botId: z.string().nullable(),
  eventsPerMinute: z.number().nullable(),
  hold: holdSchema.nullable(),
});

const topicSchema = z.object({
  topic: z.string().describe('*: every one that is not named'),
  event: z.string(),
});

export const describedConnectionSchema = connectionSchema.extend({
  webhookUrl: z.string().nullable().describe('where its platform sends to'),
  topics: z.array(topicSchema).describe('those that are switched on'),
  share: z.number().nullable().describe('weight among the connections of its bot'),
  setUp: z.array(z.string()).describe('what has to be done on the platform'),
  samples: z.array(z.string()).describe('topics of which a test can be sent'),
});

/**
 * The same, with how each is set up.
 *
 * @param publicUrl of ingest, as platforms reach it
 */
export function describeConnections(
  connections: Connections,
  holds: readonly HeldConnection[],
  publicUrl: string,
): z.output<typeof describedConnectionSchema>[] {
  return viewConnections(connections, holds).map((view) => {
    const connection = connections.get(view.id);
    if (!connection) return { ...view, webhookUrl: null, topics: [], share: null, setUp: [], samples: [] };
    const { source, events, limits } = connection;
    const webhookUrl = `${publicUrl}/webhooks/${view.id}`;
    return {
      ...view,
      ...{ webhookUrl, topics: topicsOf(events), share: limits.share },
      setUp: (source.setUp ?? []).map((step) => step.replaceAll('{url}', webhookUrl)),
      samples: [...(source.samples?.topics ?? [])],
    };
  });
}

function topicsOf(events: ChosenEvents): z.output<typeof topicSchema>[] {
  return [...events].flatMap(([topic, event]) => (event ? [{ topic, event: event.name }] : []));
}

/** All of the file, and those that are held and not in it any more. Nothing of their secrets. */
export function viewConnections(
  connections: Connections,
  holds: readonly HeldConnection[],
): z.output<typeof connectionSchema>[] {
  const held = new Map(holds.map((hold) => [hold.connection, hold]));
  const known = connections.all().map(({ id, source, botpress, limits }) => ({
    id,
    source: source.name,
    botId: botpress.botId,
    eventsPerMinute: limits.eventsPerMinute,
    hold: viewHold(held.get(id)),
  }));
  const gone = holds
    .filter(({ connection }) => !connections.get(connection))
    .map((hold) => ({
      ...{ id: hold.connection, source: null, botId: null, eventsPerMinute: null },
      hold: viewHold(hold),
    }));
  return [...known, ...gone];
}

function viewHold(hold: HeldConnection | undefined): z.output<typeof holdSchema> | null {
  if (!hold) return null;
  const { by, reason, since, probeAt, waiting } = hold;
  return { by, reason: maskText(reason), since, waiting, ...(probeAt === undefined ? {} : { probeAt }) };
}

export function noConnection(id: string): Problem {
  return new Problem('not_found', `the connection "${id}" is not in the connections file`);
}
