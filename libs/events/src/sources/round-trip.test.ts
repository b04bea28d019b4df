import { describe, expect, test } from 'vitest';
import { chooseEvents, findEvent } from '../pipeline/choose-events.ts';
import { mapDelivery } from '../pipeline/prepare-event.ts';
import { unpackWebhook, validateDelivery, verifyWebhook } from '../pipeline/receive-webhook.ts';
import { createSourceRegistry } from '../registry.ts';
import { parseWebhook } from '../verification/webhook.ts';

/** Valid settings of each source. A source without an entry fails, so that none goes untested. */
const settings: Record<string, unknown> = {
  linear: {},
  shopify: { shopName: 'acme' },
  'standard-webhooks': { events: { '*': 'somethingHappened' }, topicPath: 'type', passOn: 'data' },
  telegram: {},
  whatsapp: { verifyToken: 'acme' },
};

/** Sources whose platform only sends a token and signs nothing. */
const unsigned = new Set(['telegram']);

const samples = [...createSourceRegistry().values()].flatMap((source) =>
  (source.samples?.topics ?? []).map((topic) => ({ name: `${source.name} ${topic}`, source, topic })),
);

describe.each(samples)('the sample of $name', ({ source, topic }) => {
  const known = source.events.flatMap((event) => [event.topic].flat());
  const everyTopic = Object.fromEntries(known.map((name) => [name, true]));
  const choice = chooseEvents(source, settings[source.name], everyTopic);
  const events = choice.ok ? choice.events : new Map();
  const compose = (number: number) => {
    if (!source.samples) throw new Error('no samples');
    const occasion = {
      number,
      now: 1_790_000_000_000,
      settings: source.settings.parse(settings[source.name]),
    };
    return source.samples.sign(source.samples.compose(topic, occasion), 'round-trip');
  };
  const verify = (
    request: { headers: Readonly<Record<string, string>>; body: string },
    secret = 'round-trip',
  ) => {
    const webhook = {
      headers: request.headers,
      body: Buffer.from(request.body),
      receivedAt: 1_790_000_000_000,
    };
    return verifyWebhook(source, webhook, { secrets: [secret], settings: settings[source.name] });
  };
  const parse = (request: { headers: Readonly<Record<string, string>>; body: string }) => {
    const verification = verify(request);
    if (!verification.ok) throw new Error(verification.why);
    const parsing = parseWebhook(verification.webhook);
    if (!parsing.ok) throw new Error(parsing.detail);
    return parsing.parsed;
  };

  test('is accepted by its source, and rejected with another secret or a changed body', () => {
    const request = compose(1);
    expect(verify(request)).toMatchObject({ ok: true });
    expect(verify(request, 'another secret')).toMatchObject({ ok: false });
    expect(verify({ ...request, body: `${request.body} ` })).toMatchObject({ ok: unsigned.has(source.name) });
  });

  test('becomes events that match their schemas if the topic has an event', () => {
    const connection = { id: 'acme', settings: settings[source.name], events };
    const { deliveries } = unpackWebhook(source, connection, parse(compose(2)));
    const hasEvent = findEvent(events, topic) !== undefined;
    expect(deliveries.some(({ delivery }) => delivery.topic === topic)).toBe(hasEvent);
    for (const unpacked of deliveries) {
      expect(JSON.parse(unpacked.delivery.body)).toEqual(unpacked.input);
      expect(validateDelivery(unpacked)).toEqual([]);
      const mapping = mapDelivery(unpacked.event, unpacked.delivery, settings[source.name]);
      expect(mapping).toMatchObject({ ok: true, event: { type: unpacked.event.name } });
    }
  });

  test('has the same idempotency key when resent, and another for another number', () => {
    const keys = (number: number) =>
      source.unpack(parse(compose(number)), settings[source.name]).map((item) => item.idempotencyKey);
    expect(keys(1)).not.toEqual([]);
    expect(keys(1)).toEqual(keys(1));
    expect(new Set([...keys(1), ...keys(2)]).size).toBe(2 * keys(1).length);
  });
});
