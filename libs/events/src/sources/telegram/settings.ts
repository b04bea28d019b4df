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
});

export type TelegramSettings = z.output<typeof telegramSettings>;
