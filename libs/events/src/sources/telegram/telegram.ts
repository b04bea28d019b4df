import { defineSource } from '../../definitions/define-source.ts';
import type { Lookups } from '../../delivery/search-terms.ts';
import { botAddedToChat, botRemovedFromChat, joinRequested, memberJoined, memberLeft } from './events.ts';
import { telegramLink } from './link.ts';
import { telegramSamples } from './samples.ts';
import { telegramSettings } from './settings.ts';
import { unpackTelegram } from './unpack.ts';
import { verifyTelegram } from './verify.ts';

const HOUR = 3_600_000;

/** The update kinds that hold a chat and a user; such an update is one item as a whole. */
const KINDS = ['message', 'my_chat_member', 'chat_member', 'chat_join_request'] as const;

const inEachKind = (...paths: readonly string[]) =>
  KINDS.flatMap((kind) => paths.map((path) => `${kind}.${path}`));

/**
 * An item of a joined or left member has the fields at the top level; every other item is the whole update.
 */
const lookups: Lookups = {
  chat: ['chat.id', 'chat.username', ...inEachKind('chat.id', 'chat.username')],
  user: [
    ...['member.id', 'member.username', 'from.id', 'from.username', 'new_chat_member.user.id'],
    ...inEachKind(
      'from.id',
      'from.username',
      'new_chat_member.user.id',
      'new_chat_members.id',
      'left_chat_member.id',
    ),
  ],
};

export const telegram = defineSource({
  name: 'telegram',
  title: 'Telegram',
  settings: telegramSettings,
  // Telegram drops an update about 24 h after it happened.
  deduplicationWindow: 48 * HOUR,
  // The only header with content is the secret.
  keepHeaders: [],
  verify: verifyTelegram,
  unpack: unpackTelegram,
  // Telegram would execute a response body with a `method` as a call of the Bot API.
  reply: 'empty',
  events: [memberJoined, memberLeft, botAddedToChat, botRemovedFromChat, joinRequested],
  lookups,
  link: telegramLink,
  setUp: [
    'Create a secret of 1 to 256 letters, digits, hyphens and underscores (openssl rand -hex 32), and set it as a secret of the connection. It is the only proof that an update comes from Telegram.',
    'Call setWebhook of the Bot API with url={url}, secret_token=that secret, and allowed_updates=["message","chat_member","my_chat_member","chat_join_request"]. Telegram omits chat_member unless it is listed.',
    'Make the bot an administrator of the groups that it watches: Telegram reports joining and leaving members to administrators only.',
    'A bot has only one webhook, and setting it ends getUpdates: a process that polls the same bot receives nothing.',
    'If the bot also uses the Telegram integration of Botpress: set forward.url of the connection to the webhook URL of the integration, and call setWebhook after each change of the integration, which registers its own address. Otherwise its channel receives nothing. Or leave the webhook to the integration and remove the connection.',
  ],
  samples: telegramSamples,
});
