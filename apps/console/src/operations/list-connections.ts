import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { connectionSchema, viewConnections } from '../views/connection.ts';

export const listConnections = defineOperation({
  method: 'get',
  path: '/connections',
  role: 'viewer',
  summary: 'Lists connections, and which of them are held',
  answer: z.object({ connections: z.array(connectionSchema) }),
  handle: async (_input, { connections, gate }) => ({
    connections: viewConnections(connections(), await gate.holds()),
  }),
});
