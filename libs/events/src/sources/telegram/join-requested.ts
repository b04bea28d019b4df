import { z } from 'zod';
import { defineEvent } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import { chatPayload, mapChat, telegramChat } from './chat.ts';
import { chatInviteLink, inviteLinkPayload, mapInviteLink } from './invite-link.ts';
import { isoTime } from './seconds.ts';
import { mapUser, telegramUser, userPayload } from './user.ts';

const input = z.looseObject({
  update_id: z.number().nullish(),
  chat_join_request: z.looseObject({
    chat: telegramChat,
    from: telegramUser,
    user_chat_id: z.number().nullish(),
    date: z.number().nullish(),
    bio: z.string().nullish(),
    invite_link: chatInviteLink,
  }),
});

export const joinRequested = defineEvent({
  name: 'joinRequested',
  title: 'Join requested',
  description: 'Somebody asked to join a group or channel where administrators decide on it.',
  topic: 'chat_join_request',
  input,
  schema: z.object({
    chat: chatPayload,
    user: userPayload.describe('Who asked'),
    userChatId: z
      .number()
      .optional()
      .describe('Where the bot may write to the user, for five minutes or until the request is decided'),
    bio: z.string().optional().describe('What the user says of himself or herself'),
    occurredAt: z.string().optional().describe('When it happened, ISO 8601'),
    updateId: z.number().optional().describe("Telegram's id of the update"),
    ...inviteLinkPayload,
  }),
  map: (update: z.output<typeof input>) => {
    const { chat, from, user_chat_id, date, bio, invite_link } = update.chat_join_request;
    return {
      chat: mapChat(chat),
      user: mapUser(from),
      ...mapInviteLink(invite_link),
      ...withoutNulls({
        userChatId: user_chat_id,
        bio,
        occurredAt: isoTime(date),
        updateId: update.update_id,
      }),
    };
  },
});
