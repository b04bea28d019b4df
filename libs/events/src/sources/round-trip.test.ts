import { describe, expect, test } from 'vitest';
import { chooseEvents } from '../choose-events.ts';
import { mapDelivery } from '../map-delivery.ts';
import { parseWebhook } from '../parse-webhook.ts';
import { createSourceRegistry } from '../registry.ts';
import { unpackWebhook } from '../unpack-webhook.ts';
import { validateDelivery } from '../validate-delivery.ts';
import { verifyWebhook } from '../verify-webhook.ts';

/** Settings that fit each source; a source without an entry here fails, so that none goes untested. */
const settings: Record<string, unknown> = { shopify: { shopName: 'acme' } };

const samples = [...createSourceRegistry().values()].flatMap((source) =>
  (source.samples?.topics ?? []).map((topic) => ({ name: `${source.name} ${topic}`, source, topic })),
);

describe.each(samples)('$name', ({ source, topic }) => {
  const choice = chooseEvents(source, settings[source.name]);
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
  const unpack = (request: { headers: Readonly<Record<string, string>>; body: string }) => {
    const verification = verify(request);
    if (!verification.ok) throw new Error(verification.why);
    const parsing = parseWebhook(verification.webhook);
    if (!parsing.ok) throw new Error(parsing.detail);
    return unpackWebhook(source, { id: 'acme', settings: settings[source.name], events }, parsing.parsed)
      .wanted;
  };

  test('is signed so that its own source verifies it, and nobody else', () => {
    const request = compose(1);
    expect(verify(request)).toMatchObject({ ok: true });
    expect(verify(request, 'another secret')).toMatchObject({ ok: false });
    expect(verify({ ...request, body: `${request.body} ` })).toMatchObject({ ok: false });
  });

  test('becomes an event that fits its schema', () => {
    const [unpacked] = unpack(compose(2));
    if (!unpacked) throw new Error('nothing was unpacked');
    expect(unpacked.delivery).toMatchObject({ topic, body: compose(2).body });
    expect(validateDelivery(unpacked)).toEqual([]);
    const mapping = mapDelivery(unpacked.event, unpacked.delivery, settings[source.name]);
    expect(mapping).toMatchObject({ ok: true, event: { type: unpacked.event.name } });
  });

  test('is the same thing when resent, and another for another number', () => {
    const key = (number: number) => unpack(compose(number)).map(({ delivery }) => delivery.idempotencyKey);
    expect(key(1)).toEqual(key(1));
    expect(key(1)).not.toEqual(key(2));
  });
});
