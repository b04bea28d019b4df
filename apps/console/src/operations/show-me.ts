import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { whoSchema } from '../views/who.ts';

export const showMe = defineOperation({
  method: 'get',
  path: '/me',
  role: 'viewer',
  summary: 'Tells who is signed in',
  answer: whoSchema.extend({
    signIn: z.enum(['token', 'none']).describe('none: there are no tokens, and everybody is operator'),
  }),
  handle: async ({ who: { name, role } }, { signIn }) => ({ name, role, signIn }),
});
