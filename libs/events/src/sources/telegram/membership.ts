import { z } from 'zod';
import { withoutNulls } from '../../without-nulls.ts';
import { chatPayload, mapChat, telegramChat } from './chat.ts';
import { chatInviteLink, inviteLinkPayload, mapInviteLink } from './invite-link.ts';
import { isoTime } from './seconds.ts';
import { mapUser, telegramUser, userPayload } from './user.ts';

/** What `unpackTelegram` composes for a member who joins or leaves, whichever way Telegram told it. */
export const membership = z.looseObject({
  update_id: z.number().nullish(),
  date: z.number().nullish(),
  chat: telegramChat,
  from: telegramUser.nullish(),
  member: telegramUser,
  invite_link: chatInviteLink,
  via_join_request: z.boolean().nullish(),
});

export const membershipPayload = z.object({
  chat: chatPayload,
  user: userPayload.describe('Who joined or left'),
  by: userPayload.optional().describe('Who did it: the user, or who added or removed the user'),
  occurredAt: z.string().optional().describe('When it happened, ISO 8601'),
  updateId: z.number().optional().describe("Telegram's id of the update that told it first"),
  ...inviteLinkPayload,
  viaJoinRequest: z.boolean().optional().describe('An administrator let the user in'),
});

export function mapMembership(input: z.output<typeof membership>): z.input<typeof membershipPayload> {
  return {
    chat: mapChat(input.chat),
    user: mapUser(input.member),
    ...mapInviteLink(input.invite_link),
    ...withoutNulls({
      by: input.from && mapUser(input.from),
      occurredAt: isoTime(input.date),
      updateId: input.update_id,
      viaJoinRequest: input.via_join_request,
    }),
  };
}
