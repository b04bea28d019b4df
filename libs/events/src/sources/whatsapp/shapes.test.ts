import { describe, expect, test } from 'vitest';
import type { UnpackedItem } from '../../definitions/define-source.ts';
import { mapDelivery } from '../../pipeline/prepare-event.ts';
import type { VerifiedWebhook } from '../../verification/webhook.ts';
import { whatsappSamples } from './samples.ts';
import { chosen } from './test-support/receive.ts';
import { topics } from './topics.ts';
import { unpackWhatsApp } from './unpack.ts';

const webhook = { headers: {}, body: Buffer.alloc(0), receivedAt: 0 } as unknown as VerifiedWebhook;
const unpack = (text: string) => unpackWhatsApp({ webhook, text, json: JSON.parse(text) });
const batch = whatsappSamples.compose('batch', { number: 3, now: 1_790_000_000_000, settings: {} }).body;
const events = chosen({ messages: true });

describe('a WhatsApp body of unexpected shape', () => {
  const allowed = new Set<string>(Object.values(topics));
  const isSound = ({ topic, idempotencyKey, body, input, occurredAt = 0 }: UnpackedItem) => {
    expect(allowed).toContain(topic);
    expect(idempotencyKey).toMatch(/^\["(message|status|change)"/);
    expect(JSON.parse(body)).toEqual(input);
    expect(new Date(occurredAt).getTime()).toBe(occurredAt);
    const event = events.get(topic);
    const delivery = { id: 'dlv_1', connection: 'acme', source: 'whatsapp', topic, receivedAt: 0 } as const;
    const mapping = event && mapDelivery(event, { ...delivery, idempotencyKey, body, headers: {} }, {});
    if (mapping?.ok === false) expect(mapping.reason).toBe('invalid_input');
  };

  test.each([
    'null',
    '0',
    '""',
    '[]',
    '{}',
    '[{"entry":[]}]',
    '{"entry":{"0":{}}}',
    '{"entry":[[[]],1,null]}',
  ])('never throws: %s', (text) => {
    unpack(text).forEach(isSound);
  });

  // Own keys that mislead String(), JSON.stringify and property lookups.
  const odd = '{"toString":1,"valueOf":1,"toJSON":1,"__proto__":{"id":"a"},"length":3,"constructor":null}';
  const oddities = ['null', 'true', '-1', '1e999', '1e300', '""', '"x"', '[]', '{}', '[null]', '[[{}]]', odd];

  test('never throws for the batch with any single value replaced or removed', () => {
    const json: unknown = JSON.parse(batch);
    const holes = pathsOf(json).flatMap((path) => [...oddities, undefined].map((by) => ({ path, by })));
    expect(holes.length).toBeGreaterThan(1_500);
    for (const { path, by } of holes) {
      const mark = '"to be replaced"';
      const marked = JSON.stringify(replaceAt(json, path, by === undefined ? undefined : JSON.parse(mark)));
      unpack((marked ?? 'null').replace(mark, () => by ?? 'null')).forEach(isSound);
    }
  });
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    at,
    ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], [...at, key])),
  ];
}

function replaceAt(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[step] = replaceAt(copy[step], rest, by);
  return copy;
}
