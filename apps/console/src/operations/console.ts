import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { userSchema } from '../schemas/common.ts';
import { settingsSchema } from '../settings.ts';

export const getMe = defineOperation({
  id: 'getMe',
  method: 'get',
  path: '/me',
  role: 'viewer',
  summary: 'Get the current user',
  response: userSchema
    .extend({
      signIn: z
        .enum(['token', 'none'])
        .describe('none: the console has no tokens, and every user is an operator'),
    })
    .meta({ id: 'CurrentUser' }),
  handle: async ({ user: { name, role } }, { signIn }) => ({ name, role, signIn }),
});

export const getSettings = defineOperation({
  id: 'getSettings',
  method: 'get',
  path: '/settings',
  role: 'viewer',
  summary: 'Get the settings of this console',
  description: 'Of secrets, the response only shows whether they are set.',
  response: settingsSchema,
  handle: async (_input, { settings }) => settings,
});

export const getOpenApi = defineOperation({
  id: 'getOpenApi',
  method: 'get',
  path: '/openapi.json',
  role: 'viewer',
  summary: 'Get the OpenAPI document',
  response: z.record(z.string(), z.unknown()).meta({ id: 'OpenApiDocument' }),
  handle: async (_input, { openApi }) => ({ ...openApi }),
});
