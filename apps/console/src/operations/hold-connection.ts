import { defineOperation } from '../api/operation.ts';
import type { ConsoleContext } from '../context.ts';
import { Problem } from '../problem.ts';
import { connectionId, connectionSchema, noConnection, viewConnections } from '../views/connection.ts';
import { noteBody } from '../views/note.ts';

const shared = {
  method: 'post',
  role: 'operator',
  params: connectionId,
  body: noteBody,
  answer: connectionSchema,
} as const;

export const holdConnection = defineOperation({
  ...shared,
  path: '/connections/:id/hold',
  summary: 'Lets the deliveries of a connection wait, without an attempt, until it is released',
  problems: [404],
  handle: async ({ params: { id }, body: { note }, who }, context) => {
    // A slip of the pen would hold nothing, and nobody would know.
    if (!context.connections().get(id)) throw noConnection(id);
    await context.gate.pauseConnection(id, { who: who.name, reason: note });
    return viewOne(id, context);
  },
});

export const releaseConnection = defineOperation({
  ...shared,
  path: '/connections/:id/release',
  summary: 'Ends a hold of either kind; what waited drains at the pace of its bot',
  problems: [404, 409],
  handle: async ({ params: { id }, body: { note }, who }, context) => {
    const wasHeld = await context.gate.resumeConnection(id, { who: who.name, reason: note });
    if (wasHeld) return viewOne(id, context);
    throw context.connections().get(id) ? new Problem('conflict', `${id} is not held`) : noConnection(id);
  },
});

/** One that is held no more and not in the file is told all the same. */
async function viewOne(id: string, { connections, gate }: ConsoleContext) {
  const all = viewConnections(connections(), await gate.heldConnections());
  const gone = { id, source: null, botId: null, eventsPerMinute: null, hold: null };
  return all.find((one) => one.id === id) ?? gone;
}
