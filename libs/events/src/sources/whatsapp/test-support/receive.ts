import type { SourceDefinition } from '../../../definitions/define-source.ts';
import { chooseEvents } from '../../../pipeline/choose-events.ts';
import { mapDelivery } from '../../../pipeline/prepare-event.ts';
import { unpackWebhook, validateDelivery, verifyWebhook } from '../../../pipeline/receive-webhook.ts';
import type { UnlessRule } from '../../../pipeline/unless-rules.ts';
import { parseWebhook } from '../../../verification/webhook.ts';
import { whatsapp } from '../whatsapp.ts';

const SECRET = 'whatsapp-test-secret';
const settings = {};
const source = whatsapp as SourceDefinition;
/** The events of a connection that switches these topics. */
export const chosen = (switches = {}) => {
  const choice = chooseEvents(source, settings, switches);
  if (!choice.ok) throw new Error(choice.unknownTopics.join());
  return choice.events;
};
const everyEvent = chosen({ messages: true });

/** Signs and takes a body through verify, parse, unpack, validate and map. */
export function receive(body: string, events = everyEvent, unless: readonly UnlessRule[] = []) {
  const request = whatsapp.samples?.sign({ headers: {}, body }, SECRET) ?? { headers: {}, body };
  const webhook = { headers: request.headers, body: Buffer.from(body), receivedAt: 1_790_000_000_000 };
  const verification = verifyWebhook(whatsapp, webhook, { secrets: [SECRET], settings });
  if (!verification.ok) throw new Error(verification.why);
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) throw new Error(parsing.detail);
  const connection = { id: 'acme', settings, events, unless };
  const { deliveries, ignored, ignoredBy } = unpackWebhook(source, connection, parsing.parsed);
  const items = deliveries.map((unpacked) => ({
    key: unpacked.delivery.idempotencyKey,
    issues: validateDelivery(unpacked),
    mapping: mapDelivery(unpacked.event, unpacked.delivery, settings),
  }));
  return { items, ignored, ignoredBy };
}
