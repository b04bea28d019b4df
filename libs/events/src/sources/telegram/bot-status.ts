import { z } from 'zod';
import { withoutNulls } from '../../without-nulls.ts';
import { chatPayload, mapChat, telegramChat } from './chat.ts';
import { isoTime } from './seconds.ts';
import { mapUser, telegramUser, userPayload } from './user.ts';

/** An update about the bot's own status in a chat. */
export const botStatus = z.looseObject({
  update_id: z.number().nullish(),
  my_chat_member: z.looseObject({
    chat: telegramChat,
    from: telegramUser.nullish(),
    date: z.number().nullish(),
    new_chat_member: z.looseObject({ status: z.string() }),
  }),
});

export const botStatusPayload = z.object({
  chat: chatPayload,
  by: userPayload.optional().describe('Who did it'),
  status: z.string().describe('What the bot is there now: member, administrator, left, kicked, …'),
  occurredAt: z.string().optional().describe('When it happened, ISO 8601'),
  updateId: z.number().optional().describe("Telegram's id of the update"),
});

export function mapBotStatus(update: z.output<typeof botStatus>): z.input<typeof botStatusPayload> {
  const { chat, from, date, new_chat_member } = update.my_chat_member;
  return {
    chat: mapChat(chat),
    status: new_chat_member.status,
    ...withoutNulls({
      by: from && mapUser(from),
      occurredAt: isoTime(date),
      updateId: update.update_id,
    }),
  };
}
