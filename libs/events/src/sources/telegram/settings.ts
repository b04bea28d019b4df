import { z } from 'zod';

export const telegramSettings = z.strictObject({
  botId: z
    .int()
    .positive()
    .optional()
    .describe(
      "The bot's own id: the digits before the colon in its token. With it, the bot's own joins and leaves are " +
        'botAddedToChat and botRemovedFromChat only, and not memberJoined and memberLeft too',
    ),
});

export type TelegramSettings = z.output<typeof telegramSettings>;
