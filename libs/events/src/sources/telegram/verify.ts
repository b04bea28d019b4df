import type { Credentials, Verdict } from '../../definitions/define-source.ts';
import { verifyToken } from '../../verification/constant-time.ts';
import type { UnverifiedWebhook } from '../../verification/webhook.ts';

/**
 * Verifies the `X-Telegram-Bot-Api-Secret-Token` header. Telegram signs nothing and sends no timestamp: it
 * repeats the `secret_token` passed to setWebhook (https://core.telegram.org/bots/api#setwebhook).
 */
export function verifyTelegram(webhook: UnverifiedWebhook, { secrets }: Credentials<unknown>): Verdict {
  const token = webhook.headers['x-telegram-bot-api-secret-token'] ?? '';
  const matches = verifyToken(token, secrets);
  // A missing header would match an empty secret.
  if (matches && token !== '') return { ok: true };
  return {
    ok: false,
    why: token ? 'secret token does not match' : 'no X-Telegram-Bot-Api-Secret-Token header',
  };
}
