import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';

export const showMe = defineOperation({
  method: 'get',
  path: '/me',
  role: 'viewer',
  summary: 'Tells who is signed in',
  answer: z.object({ name: z.string(), role: z.enum(['viewer', 'operator']) }),
  handle: async ({ who: { name, role } }) => ({ name, role }),
});
