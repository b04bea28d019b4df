import { z } from 'zod';
import { defineEvent } from '../../define-event.ts';
import { around, seconds, text, toIso } from './input.ts';
import { person, phoneNumber, readPerson, readPhoneNumber } from './person.ts';
import { topics } from './topics.ts';

const item = z.looseObject({
  ...around,
  message: z.looseObject({ id: z.string(), timestamp: seconds, from: text, from_user_id: text }),
});

const payload = z.object({
  messageId: z.string(),
  ...person,
  ...phoneNumber,
  timestamp: z.string().describe('When the chat was opened, ISO 8601'),
});

/**
 * Comes only where `enable_welcome_message` is on for the phone number, and Meta's documentation said in 2026
 * that it is "not functioning as intended": supported, and nothing promised about Meta sending it.
 */
export const chatOpened = defineEvent({
  name: 'chatOpened',
  title: 'Chat opened',
  description:
    'Somebody opened a chat with the WhatsApp number for the first time, and has written nothing yet.',
  topic: topics.chatOpened,
  input: item,
  schema: payload,
  map: ({ metadata, contact, message }: z.output<typeof item>) => ({
    messageId: message.id,
    ...readPerson(message, contact),
    ...readPhoneNumber(metadata),
    timestamp: toIso(message.timestamp),
  }),
});
