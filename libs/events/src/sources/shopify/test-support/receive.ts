import type { SourceDefinition } from '../../../definitions/define-source.ts';
import { chooseEvents } from '../../../pipeline/choose-events.ts';
import { mapDelivery } from '../../../pipeline/prepare-event.ts';
import { type UnpackedWebhook, unpackWebhook, verifyWebhook } from '../../../pipeline/receive-webhook.ts';
import { parseWebhook } from '../../../verification/webhook.ts';
import { shopify } from '../shopify.ts';

export const settings = { shopName: 'acme' };

const SECRET = 'shopify-test-secret';
const choice = chooseEvents(shopify as SourceDefinition, settings);
const events = choice.ok ? choice.events : new Map();

/** Signs a body and takes it through verify, parse and unpack. */
export function receive(body: string, headers: Readonly<Record<string, string>> = {}): UnpackedWebhook {
  const unsigned = { headers: { 'x-shopify-topic': 'orders/create', ...headers }, body };
  const request = shopify.samples?.sign(unsigned, SECRET) ?? unsigned;
  const webhook = { headers: request.headers, body: Buffer.from(body), receivedAt: 1_790_000_000_000 };
  const verification = verifyWebhook(shopify, webhook, { secrets: [SECRET], settings });
  if (!verification.ok) throw new Error(verification.why);
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  const connection = { id: 'acme', settings, events };
  return unpackWebhook(shopify as SourceDefinition, connection, parsing.parsed);
}

/** The event that a body of a topic becomes. */
export function eventOf(topic: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const { deliveries } = receive(JSON.stringify(body), { 'x-shopify-topic': topic, ...headers });
  const [unpacked] = deliveries;
  if (!unpacked) throw new Error(`${topic} is ignored`);
  const mapping = mapDelivery(unpacked.event, unpacked.delivery, settings);
  if (!mapping.ok) throw new Error(JSON.stringify(mapping));
  return mapping.event;
}
