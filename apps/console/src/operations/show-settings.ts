import { defineOperation } from '../api/operation.ts';
import { settingsSchema } from '../views/settings.ts';

export const showSettings = defineOperation({
  method: 'get',
  path: '/settings',
  role: 'viewer',
  summary: 'Tells what this console was started with; of secrets, whether they are set',
  answer: settingsSchema,
  handle: async (_input, { settings }) => settings,
});
