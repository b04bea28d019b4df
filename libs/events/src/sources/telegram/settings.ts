import { z } from 'zod';

/** The settings of a connection with `source: telegram`. */
export const telegramSettings = z.strictObject({
  botId: z
    .int()
    .positive()
    .optional()
    .describe(
      "the bot's id: the digits before the colon in its token. With it, joins and leaves of the bot become only " +
        'botAddedToChat and botRemovedFromChat, and not also memberJoined and memberLeft',
    ),
  botToken: z
    .string()
    .regex(/^[!-~]+$/, 'contains spaces, line breaks or non-ASCII characters')
    // A function, which JSON and logs do not show.
    .transform((token) => () => token)
    .optional()
    .describe(
      `the bot's token, preferably \${NAME} of an environment variable: connections check then reports who has the webhook`,
    ),
});

export type TelegramSettings = z.output<typeof telegramSettings>;
