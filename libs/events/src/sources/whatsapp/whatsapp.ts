import { defineSource } from '../../definitions/define-source.ts';
import { chatOpened, messageReceived, messageStatusChanged, templateStatusChanged } from './events.ts';
import { whatsappLink } from './link.ts';
import { whatsappSamples } from './samples.ts';
import { whatsappSettings } from './settings.ts';
import { unpackWhatsApp } from './unpack.ts';
import { answerHandshake, verifyWhatsApp } from './verify.ts';

const DAY = 86_400_000;

export const whatsapp = defineSource({
  name: 'whatsapp',
  title: 'WhatsApp',
  settings: whatsappSettings,
  // Meta retries for up to 7 days.
  deduplicationWindow: 8 * DAY,
  // Meta requires that fewer than 1 % of the responses take longer.
  answerWithin: 1_000,
  keepHeaders: [],
  verify: verifyWhatsApp,
  unpack: unpackWhatsApp,
  handshake: answerHandshake,
  events: [chatOpened, messageReceived, messageStatusChanged, templateStatusChanged],
  lookups: {
    phone: ['contact.wa_id', 'message.from', 'status.recipient_id'],
    // A person who hides the phone number has a user id instead.
    chat: [
      ...['contact.wa_id', 'message.from', 'status.recipient_id'],
      ...['contact.user_id', 'message.from_user_id', 'status.recipient_user_id'],
    ],
    message: ['message.id', 'status.id'],
    number: ['metadata.phone_number_id', 'metadata.display_phone_number'],
    template: ['template_id', 'value.message_template_name'],
  },
  link: whatsappLink,
  setUp: [
    'Create a verify token and set it as settings.verifyToken of the connection. It verifies only the address. Never use the app secret as the verify token.',
    'Set the app secret from Meta’s dashboard (App settings, Basic) as a secret of the connection.',
    'In the dashboard, under WhatsApp, Configuration, enter {url} as the callback URL, and the verify token. Meta calls the address immediately, so ingest must be running.',
    'Subscribe to the field messages, and to message_template_status_update for templates.',
    'If the app also uses the WhatsApp integration of Botpress: set forward.url of the connection to the webhook URL of the integration. An app has only one callback URL. Or enter the address of the integration and remove the connection.',
    'For chatOpened, turn on enable_welcome_message for the phone number. According to Meta’s documentation it does not always work.',
  ],
  samples: whatsappSamples,
});
