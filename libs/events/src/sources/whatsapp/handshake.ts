import { createHash, timingSafeEqual } from 'node:crypto';
import type { Credentials, HandshakeResult } from '../../define-source.ts';
import type { WhatsAppSettings } from './settings.ts';

/** Meta's are some ten digits. No markup and nothing long is ever sent back. */
const CHALLENGE = /^[\w.~-]{1,128}$/;

/**
 * Answers the GET with which Meta proves an address (https://developers.facebook.com/docs/graph-api/webhooks):
 * the challenge, if mode and verify token are right; nothing, if the connection has no verify token.
 */
export function answerHandshake(
  query: Readonly<Record<string, string>>,
  { settings }: Credentials<WhatsAppSettings>,
): HandshakeResult {
  const challenge = query['hub.challenge'] ?? '';
  if (query['hub.mode'] !== 'subscribe' || !CHALLENGE.test(challenge)) return { ok: false };
  const proved = isToken(query['hub.verify_token'] ?? '', settings.verifyToken);
  return proved ? { ok: true, challenge } : { ok: false };
}

/** Compares digests, so that the time taken tells neither the token's length nor its beginning. */
function isToken(received: string, expected: string | undefined): boolean {
  const equal = timingSafeEqual(digest(received), digest(expected ?? ''));
  return equal && expected !== undefined && expected !== '';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
