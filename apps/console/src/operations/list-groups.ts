import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { groupSchema, viewGroup } from '../views/dead-letter.ts';

export const listGroups = defineOperation({
  method: 'get',
  path: '/dead-letters/groups',
  role: 'viewer',
  summary: 'Lists the causes that dead letters have in common, those of the most first',
  answer: z.object({ groups: z.array(groupSchema) }),
  handle: async (_input, { deadLetters }) => ({ groups: (await deadLetters.groups()).map(viewGroup) }),
});
