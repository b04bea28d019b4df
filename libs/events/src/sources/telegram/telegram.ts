import { defineSource } from '../../define-source.ts';
import { botAddedToChat } from './bot-added-to-chat.ts';
import { botRemovedFromChat } from './bot-removed-from-chat.ts';
import { joinRequested } from './join-requested.ts';
import { telegramLookups } from './lookups.ts';
import { memberJoined } from './member-joined.ts';
import { memberLeft } from './member-left.ts';
import { telegramSamples } from './samples.ts';
import { telegramSetUp } from './set-up.ts';
import { telegramSettings } from './settings.ts';
import { unpackTelegram } from './unpack.ts';
import { verifyTelegram } from './verify.ts';

const HOUR = 3_600_000;

export const telegram = defineSource({
  name: 'telegram',
  title: 'Telegram',
  settings: telegramSettings,
  // Telegram gives an update up about 24 h after it happened.
  deduplicationWindow: 48 * HOUR,
  // None: the only header that says anything is the secret.
  keepHeaders: [],
  verify: verifyTelegram,
  unpack: unpackTelegram,
  // A body with a `method` would be executed as a call of the Bot API.
  reply: 'empty',
  events: [memberJoined, memberLeft, botAddedToChat, botRemovedFromChat, joinRequested],
  lookups: telegramLookups,
  setUp: telegramSetUp,
  samples: telegramSamples,
});
