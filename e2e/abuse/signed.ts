import { createHmac } from 'node:crypto';
import { createSourceRegistry, type SampleRequest } from '@sluice/events';
import { SETTINGS, type SourceName, secretOf } from './connections.ts';

const registry = createSourceRegistry();

/** Of each source with samples, a topic that becomes an event. */
const TOPICS: Partial<Record<SourceName, string>> = {
  shopify: 'orders/create',
  linear: 'Issue.create',
  telegram: 'chat_member.joined',
  whatsapp: 'statuses',
  'standard-webhooks': 'invoice.paid',
};

/** When each thing happened: never twice the same number, so that no run meets the duplicates of another. */
let number = 0;

/** A webhook unlike any before it, signed, and sent `ageMs` ago. */
export function signed(source: SourceName, ageMs = 0): SampleRequest {
  return sign(source, composed(source, Date.now() - ageMs), secretOf(source));
}

/** The same with another body; headers are those of a sample. A Buffer for bytes that are no text. */
export function signedBody(
  source: SourceName,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): SampleRequest {
  const sample = composed(source, Date.now());
  // Signers only hash the body, and bytes hash as the text of the same bytes would.
  const request = { headers: { ...sample.headers, ...headers }, body: body as string };
  return sign(source, request, secretOf(source));
}

/** Signs as the platform would. */
export function sign(source: SourceName, request: SampleRequest, secret: string): SampleRequest {
  const { samples } = definition(source);
  if (samples) return samples.sign(request, secret);
  const signature = createHmac('sha256', secret)
    .update(`${request.headers['x-timestamp']}.`)
    .update(request.body)
    .digest('hex');
  return { ...request, headers: { ...request.headers, 'x-signature': signature } };
}

/** What a source proves itself with. */
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
