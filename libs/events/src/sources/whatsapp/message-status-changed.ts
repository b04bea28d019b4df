import { z } from 'zod';
import { defineEvent } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import { around, open, seconds, text, toIso } from './input.ts';
import { phoneNumber, readPhoneNumber } from './person.ts';
import { topics } from './topics.ts';

const item = z.looseObject({
  metadata: around.metadata,
  status: z.looseObject({
    id: z.string(),
    status: z.string(),
    timestamp: seconds,
    recipient_id: text,
    recipient_user_id: text,
    biz_opaque_callback_data: text,
    errors: z.array(open).nullish(),
    conversation: open.nullish(),
    pricing: open.nullish(),
  }),
});

const payload = z.object({
  messageId: z.string().describe('Id of the message that the business sent'),
  status: z.string().describe('sent, delivered, read, played, failed, or what Meta adds to them'),
  recipient: z.string().optional().describe('Phone number of the recipient, or id of the group'),
  recipientUserId: z.string().optional().describe('Business-scoped id of the recipient'),
  ...phoneNumber,
  timestamp: z.string().describe('When it changed, ISO 8601'),
  callbackData: z.string().optional().describe('What the business gave as biz_opaque_callback_data'),
  errors: z.array(open).optional().describe('Why it failed, as Meta sent it: code, title, message…'),
  conversation: open.optional().describe('As Meta sent it'),
  pricing: open.optional().describe('As Meta sent it'),
});

export const messageStatusChanged = defineEvent({
  name: 'messageStatusChanged',
  title: 'Message status changed',
  description: 'A message from the WhatsApp number was sent, delivered, read or played, or it failed.',
  topic: topics.status,
  input: item,
  schema: payload,
  map: ({ metadata, status }: z.output<typeof item>) => ({
    messageId: status.id,
    status: status.status,
    ...readPhoneNumber(metadata),
    timestamp: toIso(status.timestamp),
    ...withoutNulls({
      recipient: status.recipient_id,
      recipientUserId: status.recipient_user_id,
      callbackData: status.biz_opaque_callback_data,
      errors: status.errors,
      conversation: status.conversation,
      pricing: status.pricing,
    }),
  }),
});
