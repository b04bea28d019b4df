import { defineSource } from '../../define-source.ts';
import { chatOpened } from './chat-opened.ts';
import { answerHandshake } from './handshake.ts';
import { messageReceived } from './message-received.ts';
import { messageStatusChanged } from './message-status-changed.ts';
import { whatsappSamples } from './samples.ts';
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
  keepHeaders: [],
  verify: verifyWhatsApp,
  unpack: unpackWhatsApp,
  handshake: answerHandshake,
  events: [chatOpened, messageReceived, messageStatusChanged, templateStatusChanged],
  samples: whatsappSamples,
});
