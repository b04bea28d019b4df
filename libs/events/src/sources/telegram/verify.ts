import { createHash, timingSafeEqual } from 'node:crypto';
import type { Credentials, Verdict } from '../../define-source.ts';
import type { UnverifiedWebhook } from '../../webhook.ts';

/**
 * Telegram signs nothing and sends no time: it repeats the `secret_token` that setWebhook was given
 * (https://core.telegram.org/bots/api#setwebhook). What is compared are digests, always of one length, and
 * every secret is tried, so the time taken tells neither length nor beginning of a secret nor which matched.
 */
export function verifyTelegram(webhook: UnverifiedWebhook, credentials: Credentials<unknown>): Verdict {
  const token = webhook.headers['x-telegram-bot-api-secret-token'] ?? '';
  const received = digest(token);
  let matches = false;
  for (const secret of credentials.secrets) {
    if (timingSafeEqual(received, digest(secret))) matches = true;
  }
  // No header would match an empty secret.
  if (matches && token !== '') return { ok: true };
  return {
    ok: false,
    why: token ? 'secret token does not match' : 'no X-Telegram-Bot-Api-Secret-Token header',
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
