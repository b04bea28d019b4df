import { z } from 'zod';
import { withoutNulls } from '../../without-nulls.ts';

const text = z.string().nullish();

/** A Chat of the Bot API. */
export const telegramChat = z.looseObject({ id: z.number(), type: text, title: text, username: text });

export const chatPayload = z.object({
  id: z.number().describe("The chat's Telegram id; those of groups are negative, up to 52 bits"),
  type: z.string().optional().describe('private, group, supergroup or channel'),
  title: z.string().optional().describe('Private chats have none'),
  username: z.string().optional().describe('Of a public chat, without the @'),
});

export function mapChat(chat: z.output<typeof telegramChat>): z.input<typeof chatPayload> {
  const { id, type, title, username } = chat;
  return { id, ...withoutNulls({ type, title, username }) };
}
