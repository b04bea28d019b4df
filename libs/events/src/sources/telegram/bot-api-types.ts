import { z } from 'zod';
import { withoutNulls } from '../../definitions/define-event.ts';

const text = z.string().nullish();
const flag = z.boolean().nullish();

/** A Chat of the Bot API. */
export const telegramChat = z.looseObject({ id: z.number(), type: text, title: text, username: text });

export const chatPayload = z
  .object({
    id: z.number().describe("The chat's Telegram id, up to 52 bits; negative for groups"),
    type: z.string().optional().describe('private, group, supergroup or channel'),
    title: z.string().optional().describe('Title of the chat; absent for private chats'),
    username: z.string().optional().describe('Username of a public chat, without the @'),
  })
  .describe('The chat');

/** Maps a Chat to `chatPayload`. */
export function mapChat(chat: z.output<typeof telegramChat>): z.input<typeof chatPayload> {
  const { id, type, title, username } = chat;
  return { id, ...withoutNulls({ type, title, username }) };
}

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
  isBot: z.boolean().optional().describe('Whether the user is a bot'),
  firstName: z.string().optional().describe('First name'),
  lastName: z.string().optional().describe('Last name'),
  username: z.string().optional().describe('Without the @'),
  languageCode: z.string().optional().describe('IETF language tag'),
  isPremium: z.boolean().optional().describe('Whether the user has Telegram Premium'),
});

/** Maps a User to `userPayload`. */
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

/** A ChatInviteLink of the Bot API. */
export const chatInviteLink = z.looseObject({ invite_link: text, name: text }).nullish();

export const inviteLinkPayload = {
  inviteLink: z
    .string()
    .optional()
    .describe('The invite link that was used; Telegram hides the end of links of other administrators'),
  inviteLinkName: z.string().optional().describe('The name that the administrators gave the link'),
};

/** Maps a ChatInviteLink to `inviteLinkPayload`. */
export function mapInviteLink(link: z.output<typeof chatInviteLink>) {
  return withoutNulls({ inviteLink: link?.invite_link, inviteLinkName: link?.name });
}

/** The last second that a Date can represent. */
const MAX_SECONDS = 8_640_000_000_000;

/** Converts Telegram's seconds to milliseconds since the epoch; `undefined` if the value is not a time. */
export function readSeconds(time: unknown): number | undefined {
  return typeof time === 'number' && time >= 0 && time <= MAX_SECONDS ? Math.trunc(time * 1000) : undefined;
}

/** Converts Telegram's seconds to ISO 8601; `undefined` if the value is not a time. */
export function isoTime(time: unknown): string | undefined {
  const milliseconds = readSeconds(time);
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
