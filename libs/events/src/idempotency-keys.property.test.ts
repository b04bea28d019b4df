import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { everySource, NOW, SECRET, type TestedSource } from './test-support/every-source.ts';
import type { VerifiedWebhook } from './verification/webhook.ts';

type Headers = Readonly<Record<string, string>>;

function keysOf(
  { source, settings }: TestedSource,
  headers: Headers,
  text: string,
  receivedAt = NOW,
): string[] {
  const webhook = { headers, body: Buffer.from(text), receivedAt } as unknown as VerifiedWebhook;
  const items = source.unpack({ webhook, text, json: JSON.parse(text) }, settings);
  return items.map(({ idempotencyKey }) => idempotencyKey);
}

describe.each(everySource)('idempotency keys of $name', (tested) => {
  const { samples, settings, idHeaders } = tested;
  const anyTopic = fc.constantFrom(...samples.topics);
  // Signed, because the signature's header may determine which set of headers applies.
  const compose = (topic: string, number: number) =>
    samples.sign(samples.compose(topic, { number, now: NOW, settings }), SECRET);
  const anyNumber = fc.integer({ min: 1, max: 100_000 });
  /** Returns the request without the headers that identify the occurrence. */
  const bare = (headers: Headers) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !idHeaders.includes(name)));

  test('are equal for a resend at any time', () => {
    fc.assert(
      fc.property(anyTopic, anyNumber, fc.nat(), (topic, number, later) => {
        const { headers, body } = compose(topic, number);
        expect(keysOf(tested, headers, body, NOW + later)).toEqual(keysOf(tested, headers, body));
      }),
    );
  });

  test('are equal for a resend of any JSON', () => {
    fc.assert(
      fc.property(anyTopic, fc.json(), fc.nat(), (topic, text, later) => {
        const { headers } = compose(topic, 1);
        expect(keysOf(tested, headers, text, NOW + later)).toEqual(keysOf(tested, headers, text));
      }),
    );
  });

  test('differ for different occurrences of a topic', () => {
    fc.assert(
      fc.property(anyTopic, anyNumber, anyNumber, (topic, one, other) => {
        fc.pre(one !== other);
        const keys = (number: number) =>
          keysOf(tested, compose(topic, number).headers, compose(topic, number).body);
        expect(keys(one)).not.toEqual([]);
        expect(keys(one).filter((key) => keys(other).includes(key))).toEqual([]);
      }),
    );
  });

  test('differ for the items of one webhook', () => {
    fc.assert(
      fc.property(anyTopic, anyNumber, (topic, number) => {
        const { headers, body } = compose(topic, number);
        const keys = keysOf(tested, headers, body);
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });

  // A source that signs its id header rejects a webhook without it.
  test.skipIf(idHeaders.some((name) => tested.signedHeaders.includes(name)))(
    'differ for different JSON without an id',
    () => {
      const { headers } = compose(samples.topics[0] ?? '', 1);
      const noId = fc.jsonValue().map((value) => ({ content: value }));
      fc.assert(
        fc.property(noId, noId, (one, other) => {
          const texts = [JSON.stringify(one), JSON.stringify(other)] as const;
          fc.pre(texts[0] !== texts[1]);
          const [first, second] = texts.map((text) => keysOf(tested, bare(headers), text));
          expect(first).not.toEqual(second);
        }),
      );
    },
  );
});
