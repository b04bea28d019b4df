import { z } from 'zod';
import { defineEvent, withoutNulls } from '../../definitions/define-event.ts';
import { topics } from './topics.ts';
import {
  mapPerson,
  mapPhoneNumber,
  open,
  personPayload,
  phoneNumberPayload,
  seconds,
  shared,
  text,
  toIso,
} from './webhook-fields.ts';

const receivedMessage = z.looseObject({
  ...shared,
  message: z.looseObject({
    id: z.string(),
    timestamp: seconds,
    from: text,
    from_user_id: text,
    type: text,
    text: z.looseObject({ body: text }).nullish(),
  }),
});

/** Opt-in: Botpress' WhatsApp channel may already handle messages. */
export const messageReceived = defineEvent({
  name: 'messageReceived',
  title: 'Message received',
  description: 'A person sent a message of any type, a reaction or a deletion to the WhatsApp number.',
  topic: topics.message,
  optIn: true,
  input: receivedMessage,
  schema: z.object({
    messageId: z.string().describe('Id of the message'),
    ...personPayload,
    ...phoneNumberPayload,
    timestamp: z.string().describe('When the message was sent, ISO 8601'),
    type: z.string().describe('text, image, reaction, revoke…; `unknown` if Meta sent no type'),
    text: z.string().optional().describe('Text of a message of type text'),
    message: open.describe('The whole message, as Meta sent it'),
  }),
  map: ({ metadata, contact, message }: z.output<typeof receivedMessage>) => ({
    messageId: message.id,
    ...mapPerson(message, contact),
    ...mapPhoneNumber(metadata),
    timestamp: toIso(message.timestamp),
    type: message.type ?? 'unknown',
    ...withoutNulls({ text: message.text?.body }),
    message,
  }),
});

const welcomeRequest = z.looseObject({
  ...shared,
  message: z.looseObject({ id: z.string(), timestamp: seconds, from: text, from_user_id: text }),
});

/**
 * Meta sends the webhook only if `enable_welcome_message` is on for the phone number, and its documentation
 * said in 2026 that this is "not functioning as intended". Sluice supports it, without a promise that Meta
 * sends it.
 */
export const chatOpened = defineEvent({
  name: 'chatOpened',
  title: 'Chat opened',
  description:
    'A person opened a chat with the WhatsApp number for the first time, before writing a message.',
  topic: topics.chatOpened,
  input: welcomeRequest,
  schema: z.object({
    messageId: z.string().describe("Meta's id of the occurrence"),
    ...personPayload,
    ...phoneNumberPayload,
    timestamp: z.string().describe('When the chat was opened, ISO 8601'),
  }),
  map: ({ metadata, contact, message }: z.output<typeof welcomeRequest>) => ({
    messageId: message.id,
    ...mapPerson(message, contact),
    ...mapPhoneNumber(metadata),
    timestamp: toIso(message.timestamp),
  }),
});

const messageStatus = z.looseObject({
  metadata: shared.metadata,
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

export const messageStatusChanged = defineEvent({
  name: 'messageStatusChanged',
  title: 'Message status changed',
  description: 'A message from the WhatsApp number was sent, delivered, read or played, or it failed.',
  topic: topics.status,
  input: messageStatus,
  schema: z.object({
    messageId: z.string().describe('Id of the message that the business sent'),
    status: z.string().describe('sent, delivered, read, played, failed, or a later addition by Meta'),
    recipient: z.string().optional().describe('Phone number of the recipient, or id of the group'),
    recipientUserId: z.string().optional().describe('Business-scoped id of the recipient'),
    ...phoneNumberPayload,
    timestamp: z.string().describe('When the status changed, ISO 8601'),
    callbackData: z.string().optional().describe('The biz_opaque_callback_data that the business set'),
    errors: z.array(open).optional().describe('Why it failed, as Meta sent it: code, title, message…'),
    conversation: open.optional().describe('As Meta sent it'),
    pricing: open.optional().describe('As Meta sent it'),
  }),
  map: ({ metadata, status }: z.output<typeof messageStatus>) => ({
    messageId: status.id,
    status: status.status,
    ...mapPhoneNumber(metadata),
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

/** `unpackWhatsApp` adds `template_id`: the exact digits of `value.message_template_id`. */
const templateStatus = z.looseObject({
  template_id: z.string(),
  value: z.looseObject({
    event: z.string(),
    message_template_name: z.string(),
    message_template_language: z.string(),
    reason: text,
  }),
});

export const templateStatusChanged = defineEvent({
  name: 'templateStatusChanged',
  title: 'Template status changed',
  description: 'Meta approved, rejected, paused or disabled a message template.',
  topic: topics.templateStatus,
  input: templateStatus,
  schema: z.object({
    templateId: z.string().describe('Exact id of the template'),
    name: z.string().describe('Name of the template'),
    language: z.string().describe('e.g. en_US'),
    event: z.string().describe('APPROVED, REJECTED, PAUSED, DISABLED, or a later addition by Meta'),
    reason: z.string().optional().describe('Reason; NONE if Meta gives no reason'),
    update: open.describe('The whole update, as Meta sent it'),
  }),
  map: ({ template_id, value }: z.output<typeof templateStatus>) => ({
    templateId: template_id,
    name: value.message_template_name,
    language: value.message_template_language,
    event: value.event,
    ...withoutNulls({ reason: value.reason }),
    update: value,
  }),
});
