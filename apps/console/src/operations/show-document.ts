import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';

export const showDocument = defineOperation({
  method: 'get',
  path: '/openapi.json',
  role: 'viewer',
  summary: 'This document',
  answer: z.record(z.string(), z.unknown()),
  handle: async (_input, { document }) => ({ ...document() }),
});
