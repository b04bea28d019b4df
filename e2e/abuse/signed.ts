import { createHmac } from 'node:crypto';
import { createSourceRegistry, type SampleRequest } from '@sluice/events';
import { SETTINGS, type SourceName, secretOf } from './connections.ts';

const registry = createSourceRegistry();

/** A topic of each source with samples that becomes an event. */
const TOPICS: Partial<Record<SourceName, string>> = {
  shopify: 'orders/create',
  linear: 'Issue.create',
  telegram: 'chat_member.joined',
  whatsapp: 'statuses',
  'standard-webhooks': 'invoice.paid',
};

/** Unique across runs, so that no webhook is a duplicate of an earlier run. */
let number = 0;

/** Returns a unique webhook, signed `ageMs` ago. */
export function signed(source: SourceName, ageMs = 0): SampleRequest {
  return sign(source, composed(source, Date.now() - ageMs), secretOf(source));
}

/** Returns a signed webhook with this body and the headers of a sample. Use a Buffer for invalid UTF-8. */
export function signedBody(
  source: SourceName,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): SampleRequest {
  const sample = composed(source, Date.now());
  // Signers only hash the body, which gives the same result for bytes and text.
  const request = { headers: { ...sample.headers, ...headers }, body: body as string };
  return sign(source, request, secretOf(source));
}

/** Signs a webhook like the platform. */
export function sign(source: SourceName, request: SampleRequest, secret: string): SampleRequest {
  const { samples } = definition(source);
  if (samples) return samples.sign(request, secret);
  const signature = createHmac('sha256', secret)
    .update(`${request.headers['x-timestamp']}.`)
    .update(request.body)
    .digest('hex');
  return { ...request, headers: { ...request.headers, 'x-signature': signature } };
}

/** Signature header of each source. */
export const SIGNATURE_HEADERS: Record<SourceName, string> = {
  shopify: 'x-shopify-hmac-sha256',
  linear: 'linear-signature',
  telegram: 'x-telegram-bot-api-secret-token',
  whatsapp: 'x-hub-signature-256',
  'standard-webhooks': 'webhook-signature',
  custom: 'x-signature',
};

function composed(source: SourceName, now: number): SampleRequest {
  number += 1;
  const { samples, settings } = definition(source);
  if (!samples) {
    return {
      headers: { 'content-type': 'application/json', 'x-timestamp': String(Math.floor(now / 1_000)) },
      body: JSON.stringify({ type: 'parcel.sent', id: `parcel-${number}-${now}` }),
    };
  }
  const topic = TOPICS[source] ?? samples.topics[0] ?? '';
  return samples.compose(topic, { number, now, settings: settings.parse(SETTINGS[source]) });
}

function definition(source: SourceName) {
  const found = registry.get(source);
  if (!found) throw new Error(`no source ${source}`);
  return found;
}
