import type { Connections } from '@sluice/config';
import { maskText } from '@sluice/events';
import type { Hold } from '@sluice/queue';
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

/** All of the file, and those that are held and not in it any more. Nothing of their secrets. */
export function viewConnections(
  connections: Connections,
  holds: readonly Hold[],
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

function viewHold(hold: Hold | undefined): z.output<typeof holdSchema> | null {
  if (!hold) return null;
  const { by, reason, since, probeAt, waiting } = hold;
  return { by, reason: maskText(reason), since, waiting, ...(probeAt === undefined ? {} : { probeAt }) };
}

export function noConnection(id: string): Problem {
  return new Problem('not_found', `the connection "${id}" is not in the connections file`);
}
