import { createHash, timingSafeEqual } from 'node:crypto';
import type { Verdict } from '../../define-source.ts';
import type { UnverifiedWebhook } from '../../webhook.ts';
import type { TokenSettings } from './signature-settings.ts';

/** Compares the token of a header with every secret; digests, so that neither length nor content takes longer. */
export function verifyToken(
  webhook: UnverifiedWebhook,
  secrets: readonly string[],
  { header, prefix }: TokenSettings,
): Verdict {
  const given = webhook.headers[header] ?? '';
  // Headers come as latin1, so this gives back the bytes that were sent.
  const received = digest(Buffer.from(given.slice(prefix.length), 'latin1'));
  let matches = false;
  for (const secret of secrets) if (timingSafeEqual(received, digest(Buffer.from(secret)))) matches = true;
  if (given === '') return { ok: false, why: `no ${header} header` };
  return matches && given.startsWith(prefix) ? { ok: true } : { ok: false, why: 'token does not match' };
}

function digest(text: Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}
