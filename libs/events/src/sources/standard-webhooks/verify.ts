import type { Credentials, Verdict } from '../../define-source.ts';
import { verifyHmac } from '../../verify-hmac.ts';
import type { UnverifiedWebhook } from '../../webhook.ts';
import { standardHeaders } from './headers.ts';
import { signingKeys } from './signing-keys.ts';

/** Seconds, both ways: a captured webhook is worthless later, and clocks differ. */
const TOLERANCE = 300;

/** A rotation has two or three; what else comes is somebody trying. */
const MAX_SIGNATURES = 20;

/**
 * The sender signs `id.timestamp.body`: HMAC-SHA256 in base64, `v1,` before it, and a space between several
 * of them while it rotates its secrets. Other versions (`v1a` is asymmetric) are passed over.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function verifyStandardWebhooks(
  webhook: UnverifiedWebhook,
  { secrets }: Credentials<unknown>,
): Verdict {
  const { id, timestamp, signature } = standardHeaders(webhook);
  const keys = secrets.map(signingKeys);
  const signed = verifyHmac({
    // Headers come as latin1, so this gives back the bytes that were sent.
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
  const unusable = keys.findIndex((list) => list.length === 0);
  return unusable === -1
    ? 'signature does not match'
    : `signature does not match; secret ${unusable + 1} begins with whsec_, but what follows is not base64`;
}
