import { defineEvent } from '../../define-event.ts';
import { botStatus, botStatusPayload, mapBotStatus } from './bot-status.ts';

export const botAddedToChat = defineEvent({
  name: 'botAddedToChat',
  title: 'Bot added to chat',
  description:
    'The bot was added to a group or channel; or, where the chat is private, a user unblocked the bot.',
  topic: ['my_chat_member.added', 'my_chat_member.unblocked'],
  input: botStatus,
  schema: botStatusPayload,
  map: mapBotStatus,
});
