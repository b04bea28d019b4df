import type { Credentials, Verdict } from '../../define-source.ts';
import { sliceJson } from '../../json-slice.ts';
import { readBody } from '../../parse-webhook.ts';
import { verifyHmac } from '../../verify-hmac.ts';
import type { UnverifiedWebhook } from '../../webhook.ts';

/** Either way, in milliseconds, as Linear asks for; a retry carries a new timestamp. */
const TOLERANCE = 60_000;

/**
 * Linear signs the raw body with the secret of that webhook, in hex, and the body says when it was sent:
 * `webhookTimestamp`, in milliseconds (https://linear.app/developers/webhooks#securing-webhooks). Both are
 * asked for, the timestamp of the body and not the header's, which anyone can write.
 *
 * The body is not looked at before its signature matched. A signed body that is no JSON passes here: its
 * sender knew the secret, nothing can be replayed with it, and `parseWebhook` refuses it as malformed.
 */
export function verifyLinear(webhook: UnverifiedWebhook, credentials: Credentials<unknown>): Verdict {
  const signature = webhook.headers['linear-signature'] ?? '';
  const { secrets } = credentials;
  if (!verifyHmac({ message: webhook.body, signature, encoding: 'hex', secrets })) {
    return { ok: false, why: signature ? 'signature does not match' : 'no Linear-Signature header' };
  }
  // NaN, where there is no number, is never within the tolerance.
  const timestamp = timestampOf(webhook.body);
  if (Math.abs(timestamp - webhook.receivedAt) <= TOLERANCE) return { ok: true };
  if (!readBody(webhook.body).ok) return { ok: true };
  return { ok: false, why: describeTimestamp(timestamp, webhook.receivedAt) };
}

/** Cut out of the text, which neither costs a second parse nor minds any depth. NaN where it is no number. */
function timestampOf(body: Buffer): number {
  return Number(sliceJson(body.toString('utf8'), ['webhookTimestamp']) ?? Number.NaN);
}

function describeTimestamp(timestamp: number, receivedAt: number): string {
  if (Number.isNaN(timestamp)) return 'no webhookTimestamp in the signed body, or none that is a number';
  const seconds = Math.round((timestamp - receivedAt) / 1000);
  return `webhookTimestamp is ${Math.abs(seconds)} s ${seconds < 0 ? 'old' : 'in the future'}`;
}
