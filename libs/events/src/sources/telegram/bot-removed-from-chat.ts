import { defineEvent } from '../../define-event.ts';
import { botStatus, botStatusPayload, mapBotStatus } from './bot-status.ts';

export const botRemovedFromChat = defineEvent({
  name: 'botRemovedFromChat',
  title: 'Bot removed from chat',
  description:
    'The bot left a group or channel, or was removed; or, where the chat is private, a user blocked the bot.',
  topic: ['my_chat_member.removed', 'my_chat_member.blocked'],
  input: botStatus,
  schema: botStatusPayload,
  map: mapBotStatus,
});
