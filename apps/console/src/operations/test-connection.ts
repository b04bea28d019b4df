import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { composeTest } from '../connection-test/compose-test.ts';
import { postTest } from '../connection-test/post-test.ts';
import { connectionId, noConnection } from '../views/connection.ts';
import { count } from '../views/death.ts';
import { noteBody } from '../views/note.ts';

/** What ingest made of a test. */
export const testAnswer = z.object({
  status: z.int().describe('that ingest answered'),
  result: z.string().optional().describe('accepted, duplicate, ignored or quarantined'),
  deliveries: z.array(z.string()),
  ms: count.describe('until it answered'),
});

export const testConnection = defineOperation({
  method: 'post',
  path: '/connections/:id/test',
  role: 'operator',
  summary: 'Sends a made-up webhook to ingest, signed as the platform signs; it becomes an event of the bot',
  params: connectionId,
  body: noteBody.extend({ topic: z.string().min(1).max(200).optional() }),
  answer: testAnswer,
  problems: [404, 409],
  handle: async ({ params: { id }, body: { note, topic }, who }, { connections, audit, edge, now }) => {
    const connection = connections().get(id);
    if (!connection) throw noConnection(id);
    const webhook = composeTest({ connection, topic, now: now() });
    await audit.append({ action: 'test', who: who.name, reason: note, about: { connection: id } });
    return postTest(`${edge.ingestUrl}/webhooks/${id}`, webhook);
  },
});
