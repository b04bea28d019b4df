import { defineSource } from '../../define-source.ts';
import { chatOpened } from './chat-opened.ts';
import { answerHandshake } from './handshake.ts';
import { messageReceived } from './message-received.ts';
import { messageStatusChanged } from './message-status-changed.ts';
import { whatsappSamples } from './samples.ts';
import { whatsappSetUp } from './set-up.ts';
import { whatsappSettings } from './settings.ts';
import { templateStatusChanged } from './template-status-changed.ts';
import { unpackWhatsApp } from './unpack.ts';
import { verifyWhatsApp } from './verify.ts';

const DAY = 86_400_000;

export const whatsapp = defineSource({
  name: 'whatsapp',
  title: 'WhatsApp',
  settings: whatsappSettings,
  // Meta resends for up to 7 days.
  deduplicationWindow: 8 * DAY,
  // Meta wants less than one answer in a hundred to take longer.
  answerWithin: 1_000,
  keepHeaders: [],
  verify: verifyWhatsApp,
  unpack: unpackWhatsApp,
  handshake: answerHandshake,
  events: [chatOpened, messageReceived, messageStatusChanged, templateStatusChanged],
  lookups: {
    phone: ['contact.wa_id', 'message.from', 'status.recipient_id'],
    // Who hides the number has a user id instead.
    chat: [
      ...['contact.wa_id', 'message.from', 'status.recipient_id'],
      ...['contact.user_id', 'message.from_user_id', 'status.recipient_user_id'],
    ],
    message: ['message.id', 'status.id'],
    number: ['metadata.phone_number_id', 'metadata.display_phone_number'],
    template: ['template_id', 'value.message_template_name'],
  },
  setUp: whatsappSetUp,
  samples: whatsappSamples,
});
