import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { describeConnections, describedConnectionSchema } from '../views/connection.ts';

export const listConnections = defineOperation({
  method: 'get',
  path: '/connections',
  role: 'viewer',
  summary: 'Lists connections: which of them are held, what they become, and how they are set up',
  answer: z.object({ connections: z.array(describedConnectionSchema) }),
  handle: async (_input, { connections, gate, edge }) => ({
    connections: describeConnections(connections(), await gate.heldConnections(), edge.publicUrl),
  }),
});
