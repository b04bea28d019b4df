import type { Credentials, Verdict } from '../../definitions/define-source.ts';
import { verifyHmac } from '../../verification/constant-time.ts';
import type { UnverifiedWebhook } from '../../verification/webhook.ts';

/**
 * Seconds in either direction: it makes a captured webhook worthless later, and allows for clock differences.
 */
const TOLERANCE = 300;

/** A rotation sends two or three signatures; more are an attack. */
const MAX_SIGNATURES = 20;

/**
 * Verifies the `webhook-signature` header and the timestamp.
 *
 * The sender signs `id.timestamp.body` with HMAC-SHA256 in base64, prefixed by `v1,`. During a rotation it
 * sends several signatures separated by spaces. Other versions (`v1a` is asymmetric) are skipped.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function verifyStandardWebhooks(
  webhook: UnverifiedWebhook,
  { secrets }: Credentials<unknown>,
): Verdict {
  const { id, timestamp, signature } = standardHeaders(webhook);
  const keys = secrets.map(signingKeys);
  const signed = verifyHmac({
    // Node decodes headers as latin1; encoding them again restores the bytes that were sent.
    message: [Buffer.from(`${id}.${timestamp}.`, 'latin1'), webhook.body],
    signature: signaturesIn(signature),
    encoding: 'base64',
    secrets: keys.flat(),
  });
  if (id === '' || timestamp === '' || signature === '') {
    return { ok: false, why: 'no webhook-id, webhook-timestamp or webhook-signature header' };
  }
  if (!signed) return { ok: false, why: explainMismatch(keys) };
  return isFresh(timestamp, webhook.receivedAt)
    ? { ok: true }
    : { ok: false, why: `signed more than ${TOLERANCE} s before or after it was received` };
}

function signaturesIn(header: string): string[] {
  return header
    .split(' ', MAX_SIGNATURES)
    .flatMap((entry) => (entry.startsWith('v1,') ? [entry.slice('v1,'.length)] : []));
}

function isFresh(timestamp: string, receivedAt: number): boolean {
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  return Math.abs(Math.floor(receivedAt / 1_000) - Number(timestamp)) <= TOLERANCE;
}

function explainMismatch(keys: readonly (readonly Buffer[])[]): string {
  const invalid = keys.findIndex((list) => list.length === 0);
  return invalid === -1
    ? 'signature does not match'
    : `signature does not match; secret ${invalid + 1} begins with whsec_, but the rest is not base64`;
}

export interface StandardHeaders {
  readonly id: string;
  /** Seconds since the epoch, as text. */
  readonly timestamp: string;
  readonly signature: string;
}

/**
 * Returns the three headers of one set, `webhook-*` or Svix' older `svix-*`, never a mix: some senders send
 * both sets. A missing header is an empty string.
 */
export function standardHeaders({ headers }: Pick<UnverifiedWebhook, 'headers'>): StandardHeaders {
  const prefix = headers['webhook-signature'] === undefined ? 'svix' : 'webhook';
  const read = (name: string) => headers[`${prefix}-${name}`] ?? '';
  return { id: read('id'), timestamp: read('timestamp'), signature: read('signature') };
}

const PREFIX = 'whsec_';

/** Strict: Node's decoder skips invalid characters, and would derive a key from any typo. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * Returns the signing keys that a secret may encode; empty if the secret is invalid.
 *
 * Base64 follows `whsec_`. Without that prefix senders differ: the published libraries decode the text as
 * base64, others use its characters. Both are tried, the characters first.
 */
export function signingKeys(secret: string): readonly Buffer[] {
  if (secret.startsWith(PREFIX)) return decode(secret.slice(PREFIX.length));
  return [Buffer.from(secret, 'utf8'), ...decode(secret)];
}

function decode(text: string): Buffer[] {
  return text !== '' && BASE64.test(text) ? [Buffer.from(text, 'base64')] : [];
}
