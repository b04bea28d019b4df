import { z } from 'zod';
import { defineEvent } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import { around, open, seconds, text, toIso } from './input.ts';
import { person, phoneNumber, readPerson, readPhoneNumber } from './person.ts';
import { topics } from './topics.ts';

const item = z.looseObject({
  ...around,
  message: z.looseObject({
    id: z.string(),
    timestamp: seconds,
    from: text,
    from_user_id: text,
    type: text,
    text: z.looseObject({ body: text }).nullish(),
  }),
});

const payload = z.object({
  messageId: z.string(),
  ...person,
  ...phoneNumber,
  timestamp: z.string().describe('When it was sent, ISO 8601'),
  type: z.string().describe('text, image, reaction, revoke…; `unknown` where Meta sent none'),
  text: z.string().optional().describe('The text of a message of type text'),
  message: open.describe('The whole message, as Meta sent it'),
});

/** Opt-in, because Botpress' own WhatsApp channel may already handle messages. */
export const messageReceived = defineEvent({
  name: 'messageReceived',
  title: 'Message received',
  description: 'Somebody sent a message of any type, a reaction or a deletion to the WhatsApp number.',
  topic: topics.message,
  optIn: true,
  input: item,
  schema: payload,
  map: ({ metadata, contact, message }: z.output<typeof item>) => ({
    messageId: message.id,
    ...readPerson(message, contact),
    ...readPhoneNumber(metadata),
    timestamp: toIso(message.timestamp),
    type: message.type ?? 'unknown',
    ...withoutNulls({ text: message.text?.body }),
    message,
  }),
});
