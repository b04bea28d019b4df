import type { Credentials, Verdict } from '../../definitions/define-source.ts';
import { sliceJson } from '../../delivery/json-slice.ts';
import { verifyHmac } from '../../verification/constant-time.ts';
import { readBody, type UnverifiedWebhook } from '../../verification/webhook.ts';

/** Milliseconds in either direction, as Linear recommends; a retry carries a new timestamp. */
const TOLERANCE = 60_000;

/**
 * Verifies the `Linear-Signature` header and the age of the webhook.
 *
 * Linear signs the raw body with the secret of the webhook (HMAC-SHA256, hex), and the body holds the time of
 * sending: `webhookTimestamp`, in milliseconds (https://linear.app/developers/webhooks#securing-webhooks).
 * Both are required. The timestamp comes from the body, because the header that repeats it is not signed.
 *
 * The body is not read before its signature matched. A signed body that is not JSON passes: its sender knew
 * the secret, it holds nothing to replay, and `parseWebhook` rejects it as malformed.
 */
export function verifyLinear(webhook: UnverifiedWebhook, credentials: Credentials<unknown>): Verdict {
  const signature = webhook.headers['linear-signature'] ?? '';
  const { secrets } = credentials;
  if (!verifyHmac({ message: webhook.body, signature, encoding: 'hex', secrets })) {
    return { ok: false, why: signature ? 'signature does not match' : 'no Linear-Signature header' };
  }
  // NaN is never within the tolerance.
  const timestamp = timestampOf(webhook.body);
  if (Math.abs(timestamp - webhook.receivedAt) <= TOLERANCE) return { ok: true };
  if (!readBody(webhook.body).ok) return { ok: true };
  return { ok: false, why: describeTimestamp(timestamp, webhook.receivedAt) };
}

/** Returns NaN if there is no number. Slices the text, which avoids a second parse and works at any depth. */
function timestampOf(body: Buffer): number {
  return Number(sliceJson(body.toString('utf8'), ['webhookTimestamp']) ?? Number.NaN);
}

function describeTimestamp(timestamp: number, receivedAt: number): string {
  if (Number.isNaN(timestamp)) return 'webhookTimestamp is missing from the signed body or not a number';
  const seconds = Math.round((timestamp - receivedAt) / 1000);
  return `webhookTimestamp is ${Math.abs(seconds)} s ${seconds < 0 ? 'old' : 'in the future'}`;
}
