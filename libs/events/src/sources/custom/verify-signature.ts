import type { Verdict } from '../../define-source.ts';
import { verifyHmac } from '../../verify-hmac.ts';
import type { UnverifiedWebhook } from '../../webhook.ts';
import { readSignatureHeader } from './signature-header.ts';
import type { HmacSettings } from './signature-settings.ts';

const DEFAULT_TOLERANCE = 300_000;

/**
 * Checks an HMAC over the parts that the scheme names.
 *
 * @param id header of the idempotency key, which schemes may sign
 */
export function verifySignature(
  webhook: UnverifiedWebhook,
  secrets: readonly string[],
  scheme: HmacSettings,
  id: string | undefined,
): Verdict {
  const header = webhook.headers[scheme.header] ?? '';
  const listed = readSignatureHeader(header, scheme);
  const ownHeader = scheme.timestamp?.header;
  const timestamp = ownHeader === undefined ? listed.timestamp : (webhook.headers[ownHeader] ?? '');
  const parts: Record<string, Buffer> = {
    body: webhook.body,
    // Headers come as latin1, so this gives back the bytes that were sent.
    timestamp: Buffer.from(timestamp, 'latin1'),
    id: Buffer.from((id === undefined ? undefined : webhook.headers[id]) ?? '', 'latin1'),
  };
  const signed = verifyHmac({
    message: scheme.signed.map((part) => (Object.hasOwn(parts, part) ? (parts[part] ?? part) : part)),
    signature: listed.signatures,
    encoding: scheme.encoding,
    algorithm: scheme.algorithm,
    secrets,
  });
  if (header === '') return { ok: false, why: `no ${scheme.header} header` };
  if (listed.signatures.length === 0) return { ok: false, why: `no signature in ${scheme.header}` };
  if (scheme.signed.includes('id') && parts.id?.length === 0) return { ok: false, why: `no ${id} header` };
  if (!signed) return { ok: false, why: 'signature does not match' };
  if (!scheme.timestamp || isFresh(timestamp, scheme, webhook.receivedAt)) return { ok: true };
  return { ok: false, why: 'signed too long before or after it was received' };
}

function isFresh(text: string, scheme: HmacSettings, receivedAt: number): boolean {
  if (!/^\d{1,15}$/.test(text)) return false;
  const { unit = 's' } = scheme.timestamp ?? {};
  // Whole seconds on both sides, or 300.4 s would be too old where the sender's own library says 300.
  const distance = unit === 's' ? Math.floor(receivedAt / 1_000) - Number(text) : receivedAt - Number(text);
  return Math.abs(distance) * (unit === 's' ? 1_000 : 1) <= (scheme.tolerance ?? DEFAULT_TOLERANCE);
}
