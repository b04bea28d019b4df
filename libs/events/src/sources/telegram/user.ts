import { z } from 'zod';
import { withoutNulls } from '../../without-nulls.ts';

const text = z.string().nullish();
const flag = z.boolean().nullish();

/** A User of the Bot API. */
export const telegramUser = z.looseObject({
  id: z.number(),
  is_bot: flag,
  first_name: text,
  last_name: text,
  username: text,
  language_code: text,
  is_premium: flag,
});

export const userPayload = z.object({
  id: z.number().describe("The user's Telegram id, up to 52 bits"),
  isBot: z.boolean().optional(),
  firstName: z.string().optional(),
  lastName: z.string().optional(),
  username: z.string().optional().describe('Without the @'),
  languageCode: z.string().optional().describe('IETF language tag'),
  isPremium: z.boolean().optional(),
});

export function mapUser(user: z.output<typeof telegramUser>): z.input<typeof userPayload> {
  return {
    id: user.id,
    ...withoutNulls({
      isBot: user.is_bot,
      firstName: user.first_name,
      lastName: user.last_name,
      username: user.username,
      languageCode: user.language_code,
      isPremium: user.is_premium,
    }),
  };
}
