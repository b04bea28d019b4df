import type { Credentials, HandshakeResult, Verdict } from '../../definitions/define-source.ts';
import { verifyHmac, verifyToken } from '../../verification/constant-time.ts';
import type { UnverifiedWebhook } from '../../verification/webhook.ts';
import { escapeNonAscii } from './escape-non-ascii.ts';
import type { WhatsAppSettings } from './settings.ts';

const PREFIX = 'sha256=';
const DIGEST_LENGTH = 64;

/**
 * Verifies the `X-Hub-Signature-256` header.
 *
 * Meta signs with the app secret (HMAC-SHA256, lower-case hex), and documents that it signs "an escaped
 * unicode version of the payload, with lowercase hex digits"
 * (https://developers.facebook.com/docs/messenger-platform/webhooks). It usually sends the text that it
 * signed. For a body in plain UTF-8 the escaped form is tried too. Slashes are left alone in both forms: the
 * published test vectors need no other.
 */
export function verifyWhatsApp(webhook: UnverifiedWebhook, { secrets }: Credentials<unknown>): Verdict {
  const header = webhook.headers['x-hub-signature-256'] ?? '';
  const signature = header.startsWith(PREFIX) ? header.slice(PREFIX.length) : '';
  const matches = (message: Buffer) => verifyHmac({ message, signature, encoding: 'hex', secrets });

  if (matches(webhook.body)) return { ok: true };
  if (signature.length !== DIGEST_LENGTH) return { ok: false, why: 'no X-Hub-Signature-256 of sha256=<hex>' };
  const escaped = escapeNonAscii(webhook.body);
  return escaped && matches(escaped) ? { ok: true } : { ok: false, why: 'signature does not match' };
}

/** Meta's challenges have about ten digits. Markup and long text are never echoed. */
const CHALLENGE = /^[\w.~-]{1,128}$/;

/**
 * Answers the GET request by which Meta verifies an address
 * (https://developers.facebook.com/docs/graph-api/webhooks).
 *
 * @returns the challenge if mode and verify token are right; a failure if the connection has no verify token
 */
export function answerHandshake(
  query: Readonly<Record<string, string>>,
  { settings }: Credentials<WhatsAppSettings>,
): HandshakeResult {
  const challenge = query['hub.challenge'] ?? '';
  if (query['hub.mode'] !== 'subscribe' || !CHALLENGE.test(challenge)) return { ok: false };
  const expected = settings.verifyToken ?? '';
  const matches = verifyToken(query['hub.verify_token'] ?? '', [expected]);
  return matches && expected !== '' ? { ok: true, challenge } : { ok: false };
}
