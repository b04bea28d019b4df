import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapDelivery } from './map-delivery.ts';
import { everySource, NOW, type TestedSource } from './test-support/every-source.ts';
import { damaged, jsonText } from './test-support/json-text.ts';
import { unpackWebhook } from './unpack-webhook.ts';
import { validateDelivery } from './validate-delivery.ts';
import type { VerifiedWebhook } from './webhook.ts';

/** What it was that a webhook became: nothing, something that fits, something that is quarantined. */
type Became = 'ignored' | 'event' | 'quarantined';

/**
 * Takes authentic JSON all the way: unpacks, checks, maps. What is asserted on the way holds of any JSON.
 *
 * What passed the check at the edge must map: nothing may be accepted there that dies in the worker.
 */
function process(tested: TestedSource, headers: Readonly<Record<string, string>>, text: string): Became[] {
  const { source, settings, events } = tested;
  const webhook = { headers, body: Buffer.from(text), receivedAt: NOW } as unknown as VerifiedWebhook;
  const parsed = { webhook, text, json: JSON.parse(text) as unknown };
  const unpacked = unpackWebhook(source, { id: 'acme', settings, events }, parsed);
  const { wanted, compliance, ignored } = unpacked;
  for (const { delivery, input } of [...wanted, ...compliance]) {
    // The stored text is what was looked at, and nothing but text: it was cut out, not written anew.
    expect(JSON.parse(delivery.body)).toEqual(input);
    expect(typeof delivery.idempotencyKey).toBe('string');
    if (delivery.occurredAt !== undefined) expect(Number.isSafeInteger(delivery.occurredAt)).toBe(true);
  }
  for (const each of compliance) validateDelivery(each);
  return [
    ...wanted.map((each) => mapped(tested, each)),
    ...Array.from({ length: ignored }, () => 'ignored' as const),
  ];
}

function mapped(
  { settings }: TestedSource,
  unpacked: Parameters<typeof validateDelivery>[0] & { event: Parameters<typeof mapDelivery>[0] },
): Became {
  const { event, delivery } = unpacked;
  const issues = validateDelivery(unpacked);
  const mapping = mapDelivery(event, delivery, settings);
  if (!mapping.ok) {
    expect([mapping.reason, mapping.issues]).toEqual(['invalid_input', issues]);
    expect(issues.length).toBeGreaterThan(0);
    return 'quarantined';
  }
  expect(issues).toEqual([]);
  // What Botpress gets is its JSON, so that has to fit as well.
  const { type, payload } = mapping.event;
  expect(type).toBe(event.name);
  const sent: unknown = JSON.parse(JSON.stringify(payload));
  expect(event.schema.safeParse(sent)).toMatchObject({ success: true });
  expect(payload.deliveryId).toBe(delivery.id);
  return 'event';
}

describe.each(everySource)('$name', (tested) => {
  const { samples, settings, events } = tested;
  const compose = (topic: string) => samples.compose(topic, { number: 1, now: NOW, settings });

  test('is calm with any JSON, under the headers of any topic and under none', () => {
    const headers = fc.constantFrom({}, ...samples.topics.map((topic) => compose(topic).headers));
    fc.assert(
      fc.property(headers, jsonText, (some, text) => void process(tested, some, text)),
      { numRuns: 500 },
    );
  });

  test.each(samples.topics)('%s is calm with anything in any of its places', (topic) => {
    const { headers, body } = compose(topic);
    const became = new Set<Became>();
    fc.assert(
      fc.property(damaged(body), (text) => {
        for (const each of process(tested, headers, text)) became.add(each);
      }),
      { numRuns: 200 },
    );
    if (events.has(topic)) expect(became).toContain('event');
  });
});
