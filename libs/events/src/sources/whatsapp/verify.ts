import type { Credentials, Verdict } from '../../define-source.ts';
import { verifyHmac } from '../../verify-hmac.ts';
import type { UnverifiedWebhook } from '../../webhook.ts';
import { escapeNonAscii } from './escape-non-ascii.ts';

const PREFIX = 'sha256=';
const DIGEST_LENGTH = 64;

/**
 * Meta signs with the app secret, in lower-case hex, and says that it signs "an escaped unicode version of the
 * payload, with lowercase hex digits" (https://developers.facebook.com/docs/messenger-platform/webhooks). It
 * mostly sends what it signed; where the bytes hold UTF-8 instead, their escaped form is tried too. Slashes
 * stay as they came in both: the published vectors ask for nothing else.
 */
export function verifyWhatsApp(webhook: UnverifiedWebhook, { secrets }: Credentials<unknown>): Verdict {
  const header = webhook.headers['x-hub-signature-256'] ?? '';
  const signature = header.startsWith(PREFIX) ? header.slice(PREFIX.length) : '';
  const signs = (message: Buffer) => verifyHmac({ message, signature, encoding: 'hex', secrets });

  if (signs(webhook.body)) return { ok: true };
  if (signature.length !== DIGEST_LENGTH) return { ok: false, why: 'no X-Hub-Signature-256 of sha256=<hex>' };
  const escaped = escapeNonAscii(webhook.body);
  return escaped && signs(escaped) ? { ok: true } : { ok: false, why: 'signature does not match' };
}
