import { z } from 'zod';
import { defineEvent, withoutNulls } from '../../definitions/define-event.ts';
import {
  chatInviteLink,
  chatPayload,
  inviteLinkPayload,
  isoTime,
  mapChat,
  mapInviteLink,
  mapUser,
  telegramChat,
  telegramUser,
  userPayload,
} from './bot-api-types.ts';

const occurredAt = z.string().optional().describe('When it happened, ISO 8601');

/** The item that `unpackTelegram` composes for a member who joined or left, from either kind of update. */
const membership = z.looseObject({
  update_id: z.number().nullish(),
  date: z.number().nullish(),
  chat: telegramChat,
  from: telegramUser.nullish(),
  member: telegramUser,
  invite_link: chatInviteLink,
  via_join_request: z.boolean().nullish(),
});

const membershipPayload = z.object({
  chat: chatPayload,
  user: userPayload.describe('The user who joined or left'),
  by: userPayload.optional().describe('The user, or the administrator who added or removed the user'),
  occurredAt,
  updateId: z.number().optional().describe('Telegram’s id of the first update about it'),
  ...inviteLinkPayload,
  viaJoinRequest: z.boolean().optional().describe('Whether an administrator approved a join request'),
});

function mapMembership(input: z.output<typeof membership>): z.input<typeof membershipPayload> {
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

export const memberJoined = defineEvent({
  name: 'memberJoined',
  title: 'Member joined',
  description: 'A user joined a group or channel, or was added to it. One event per user.',
  topic: ['message.new_chat_members', 'chat_member.joined'],
  input: membership,
  schema: membershipPayload,
  map: mapMembership,
});

export const memberLeft = defineEvent({
  name: 'memberLeft',
  title: 'Member left',
  description: 'A user left a group or channel, or was removed from it.',
  topic: ['message.left_chat_member', 'chat_member.left'],
  input: membership,
  schema: membershipPayload,
  map: mapMembership,
});

/** An update about the bot's status in a chat. */
const botStatus = z.looseObject({
  update_id: z.number().nullish(),
  my_chat_member: z.looseObject({
    chat: telegramChat,
    from: telegramUser.nullish(),
    date: z.number().nullish(),
    new_chat_member: z.looseObject({ status: z.string() }),
  }),
});

const botStatusPayload = z.object({
  chat: chatPayload,
  by: userPayload.optional().describe('The user who changed the status'),
  status: z.string().describe("The bot's new status: member, administrator, left, kicked, …"),
  occurredAt,
  updateId: z.number().optional().describe("Telegram's id of the update"),
});

function mapBotStatus(update: z.output<typeof botStatus>): z.input<typeof botStatusPayload> {
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

export const botAddedToChat = defineEvent({
  name: 'botAddedToChat',
  title: 'Bot added to chat',
  description: 'The bot was added to a group or channel, or a user unblocked the bot in a private chat.',
  topic: ['my_chat_member.added', 'my_chat_member.unblocked'],
  input: botStatus,
  schema: botStatusPayload,
  map: mapBotStatus,
});

export const botRemovedFromChat = defineEvent({
  name: 'botRemovedFromChat',
  title: 'Bot removed from chat',
  description:
    'The bot left a group or channel or was removed from it, or a user blocked the bot in a private chat.',
  topic: ['my_chat_member.removed', 'my_chat_member.blocked'],
  input: botStatus,
  schema: botStatusPayload,
  map: mapBotStatus,
});

const joinRequest = z.looseObject({
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
  description: 'A user requested to join a group or channel whose administrators approve members.',
  topic: 'chat_join_request',
  input: joinRequest,
  schema: z.object({
    chat: chatPayload,
    user: userPayload.describe('The user who sent the request'),
    userChatId: z
      .number()
      .optional()
      .describe(
        'Chat in which the bot may write to the user, for five minutes or until the request is decided',
      ),
    bio: z.string().optional().describe("The user's bio"),
    occurredAt,
    updateId: z.number().optional().describe("Telegram's id of the update"),
    ...inviteLinkPayload,
  }),
  map: (update: z.output<typeof joinRequest>) => {
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
