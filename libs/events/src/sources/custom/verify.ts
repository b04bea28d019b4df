import type { Credentials, Verdict } from '../../definitions/define-source.ts';
import { verifyHmac, verifyToken } from '../../verification/constant-time.ts';
import type { UnverifiedWebhook } from '../../verification/webhook.ts';
import type { CustomSettings, HmacSettings, TokenSettings } from './settings.ts';

/** Verifies a webhook by the scheme in the connection's settings. */
export function verifyCustom(
  webhook: UnverifiedWebhook,
  { secrets, settings }: Credentials<CustomSettings>,
): Verdict {
  const { signature, idempotencyKey } = settings;
  switch (signature.kind) {
    case 'hmac':
      return verifySignature(webhook, secrets, signature, idempotencyKey?.header);
    case 'token':
      return verifyTokenHeader(webhook, secrets, signature);
  }
}

/** Milliseconds. */
const DEFAULT_TOLERANCE = 300_000;

/**
 * Verifies an HMAC over the parts that the scheme names.
 *
 * @param idHeader header of the idempotency key, which a scheme may sign
 */
function verifySignature(
  webhook: UnverifiedWebhook,
  secrets: readonly string[],
  scheme: HmacSettings,
  idHeader: string | undefined,
): Verdict {
  const header = webhook.headers[scheme.header] ?? '';
  const { signatures, timestamp: listed } = readSignatureHeader(header, scheme);
  const timestampHeader = scheme.timestamp?.header;
  const timestamp = timestampHeader === undefined ? listed : (webhook.headers[timestampHeader] ?? '');
  const parts: Record<string, Buffer> = {
    body: webhook.body,
    // Node decodes headers as latin1; encoding them again restores the bytes that were sent.
    timestamp: Buffer.from(timestamp, 'latin1'),
    id: Buffer.from((idHeader === undefined ? undefined : webhook.headers[idHeader]) ?? '', 'latin1'),
  };
  const signed = verifyHmac({
    message: scheme.signed.map((part) => (Object.hasOwn(parts, part) ? (parts[part] ?? part) : part)),
    signature: signatures,
    encoding: scheme.encoding,
    algorithm: scheme.algorithm,
    secrets,
  });
  if (header === '') return { ok: false, why: `no ${scheme.header} header` };
  if (signatures.length === 0) return { ok: false, why: `no signature in ${scheme.header}` };
  if (scheme.signed.includes('id') && parts.id?.length === 0) {
    return { ok: false, why: `no ${idHeader} header` };
  }
  if (!signed) return { ok: false, why: 'signature does not match' };
  if (!scheme.timestamp || isFresh(timestamp, scheme, webhook.receivedAt)) return { ok: true };
  return { ok: false, why: 'timestamp outside of the tolerance' };
}

/** A rotation sends two or three signatures; more are an attack. */
const MAX_ENTRIES = 20;

/**
 * Reads a signature header: one signature, or a list like `t=…,v1=…,v1=…`, of which the first 20 entries
 * count.
 *
 * @returns the candidate signatures without their prefix, and the timestamp of the list or an empty string
 */
function readSignatureHeader(header: string, scheme: HmacSettings) {
  const { list, prefix, encoding } = scheme;
  const entries = list ? header.split(list.separator, MAX_ENTRIES).map((entry) => entry.trim()) : [header];
  const valuesOf = (key: string | undefined) =>
    entries.flatMap((entry) => {
      const start = key === undefined ? '' : `${key}${list?.assignment}`;
      return entry.startsWith(start) ? [entry.slice(start.length)] : [];
    });
  const signatures = valuesOf(list?.key)
    .filter((value) => value.startsWith(prefix))
    .map((value) => value.slice(prefix.length))
    .map((value) => (encoding === 'hex' ? value.toLowerCase() : value));
  const key = scheme.timestamp?.key;
  return { signatures, timestamp: key === undefined ? '' : (valuesOf(key)[0] ?? '') };
}

function isFresh(text: string, scheme: HmacSettings, receivedAt: number): boolean {
  if (!/^\d{1,15}$/.test(text)) return false;
  const { unit = 's' } = scheme.timestamp ?? {};
  // Whole seconds on both sides: 300.4 s would be too old where the sender's own library counts 300.
  const distance = unit === 's' ? Math.floor(receivedAt / 1_000) - Number(text) : receivedAt - Number(text);
  return Math.abs(distance) * (unit === 's' ? 1_000 : 1) <= (scheme.tolerance ?? DEFAULT_TOLERANCE);
}

/** Compares the token in a header with every secret. */
function verifyTokenHeader(
  webhook: UnverifiedWebhook,
  secrets: readonly string[],
  { header, prefix }: TokenSettings,
): Verdict {
  const value = webhook.headers[header] ?? '';
  // Node decodes headers as latin1; encoding them again restores the bytes that were sent.
  const matches = verifyToken(Buffer.from(value.slice(prefix.length), 'latin1'), secrets);
  if (value === '') return { ok: false, why: `no ${header} header` };
  return matches && value.startsWith(prefix) ? { ok: true } : { ok: false, why: 'token does not match' };
}
