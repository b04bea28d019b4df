import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mapDelivery } from './pipeline/prepare-event.ts';
import { type UnpackedDelivery, unpackWebhook, validateDelivery } from './pipeline/receive-webhook.ts';
import { everySource, NOW, type TestedSource } from './test-support/every-source.ts';
import type { VerifiedWebhook } from './verification/webhook.ts';

/** What a webhook became: ignored, valid or quarantined items. */
type Became = 'ignored' | 'event' | 'quarantined';

/**
 * Takes verified JSON through unpack, validate and map. The assertions on the way hold for any JSON.
 *
 * Input that passes validation in ingest must map: nothing accepted there may fail in the worker.
 */
function become(tested: TestedSource, headers: Readonly<Record<string, string>>, text: string): Became[] {
  const { source, settings, events } = tested;
  const webhook = { headers, body: Buffer.from(text), receivedAt: NOW } as unknown as VerifiedWebhook;
  const parsed = { webhook, text, json: JSON.parse(text) as unknown };
  const unpacked = unpackWebhook(source, { id: 'acme', settings, events }, parsed);
  const { deliveries, compliance, ignored } = unpacked;
  for (const { delivery, input } of [...deliveries, ...compliance]) {
    // The stored text parses to the input that was checked: it is a slice, not a new serialization.
    expect(JSON.parse(delivery.body)).toEqual(input);
    expect(typeof delivery.idempotencyKey).toBe('string');
    if (delivery.occurredAt !== undefined) expect(Number.isSafeInteger(delivery.occurredAt)).toBe(true);
  }
  for (const each of compliance) validateDelivery(each);
  return [
    ...deliveries.map((each) => map(tested, each)),
    ...Array.from({ length: ignored }, () => 'ignored' as const),
  ];
}

function map({ settings }: TestedSource, unpacked: UnpackedDelivery): Became {
  const { event, delivery } = unpacked;
  const issues = validateDelivery(unpacked);
  const mapping = mapDelivery(event, delivery, settings);
  if (!mapping.ok) {
    expect([mapping.reason, mapping.issues]).toEqual(['invalid_input', issues]);
    expect(issues.length).toBeGreaterThan(0);
    return 'quarantined';
  }
  expect(issues).toEqual([]);
  // Botpress receives the payload as JSON, so the JSON must match the schema too.
  const { type, payload } = mapping.event;
  expect(type).toBe(event.name);
  const sent: unknown = JSON.parse(JSON.stringify(payload));
  expect(event.schema.safeParse(sent)).toMatchObject({ success: true });
  expect(payload.deliveryId).toBe(delivery.id);
  return 'event';
}

describe.each(everySource)('unpacking of $name', (tested) => {
  const { samples, settings, events } = tested;
  const compose = (topic: string) => samples.compose(topic, { number: 1, now: NOW, settings });

  test('never throws for any JSON, with the headers of any topic or none', () => {
    const headers = fc.constantFrom({}, ...samples.topics.map((topic) => compose(topic).headers));
    fc.assert(
      fc.property(headers, jsonText, (some, text) => void become(tested, some, text)),
      { numRuns: 500 },
    );
  });

  test.each(samples.topics)('never throws for a sample of %s with any value replaced', (topic) => {
    const { headers, body } = compose(topic);
    const became = new Set<Became>();
    fc.assert(
      fc.property(damaged(body), (text) => {
        for (const each of become(tested, headers, text)) became.add(each);
      }),
      { numRuns: 200 },
    );
    if (events.has(topic)) expect(became).toContain('event');
  });
});

/** Numbers as they may be written: past 2^53, past every number, with zeros that parsing drops. */
const numberText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '1e999',
    '-1e999',
    '1E-400',
    '-0',
    '1.0',
    '9007199254740993',
    '820982911946154508',
    '8640000000001',
  ),
);

/** Keys with a meaning in JavaScript or for a source. */
const KEYS = `__proto__ constructor prototype toString length hasOwnProperty then
id type action data entry changes value field messages statuses errors contacts metadata message
chat user from date status update_id timestamp new_chat_members left_chat_member chat_member my_chat_member
chat_join_request old_chat_member new_chat_member updatedFrom webhookTimestamp createdAt order_edit
created_at updated_at customer shop_domain admin_graphql_api_id`;

/** These keys among random ones. */
const keyText = fc
  .oneof(fc.constantFrom('', ...KEYS.split(/\s/)), fc.string())
  .map((key) => JSON.stringify(key));

const stringText = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '2026-01-01T00:00:00Z',
      '1790000000',
      'messages',
      'request_welcome',
      'Issue',
      'create',
      'left',
    ),
  )
  .map((text) => JSON.stringify(text));

const space = fc.constantFrom('', '', '', ' ', '\n\t');

/** Any JSON as text: with duplicate keys, unusual numbers and whitespace. */
const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(fc.constantFrom('null', 'true', 'false'), numberText, stringText),
    tie('object'),
    tie('array'),
  ),
  array: fc
    .tuple(fc.array(tie('value'), { maxLength: 4 }), space)
    .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}]`),
  object: fc
    .tuple(fc.array(fc.tuple(keyText, tie('value')), { maxLength: 6 }), space)
    .map(
      ([members, gap]) => `{${gap}${members.map(([key, value]) => `${key}${gap}:${value}`).join(`,${gap}`)}}`,
    ),
})).value;

type Path = readonly (string | number)[];

/** A JSON text with some values replaced, duplicated or removed: almost what a platform sends. */
function damaged(sample: string): fc.Arbitrary<string> {
  const whole: unknown = JSON.parse(sample);
  const how = fc.constantFrom('gone', 'instead', 'before', 'after');
  const damage = fc.tuple(fc.constantFrom(...pathsOf(whole)), how, jsonText);
  return fc.array(damage, { minLength: 1, maxLength: 3 }).map((all) => {
    // Placeholders first, texts afterwards: JSON.stringify would rewrite the numbers.
    const marked = all.reduce<unknown>(
      (value, [path, how], index) => replaceAt(value, path, how === 'gone' ? undefined : `<<${index}>>`),
      whole,
    );
    return (JSON.stringify(marked) ?? 'null').replace(/"<<(\d)>>"/g, (_, index) => {
      const [path, how, text] = all[Number(index)] ?? [[], 'instead', 'null'];
      const key = path.at(-1);
      // A duplicate key, which only objects can have.
      if (key === undefined || /^\d+$/.test(String(key)) || how === 'instead') return text;
      const own = JSON.stringify(
        path.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], whole),
      );
      const [first, last] = how === 'before' ? [text, own] : [own, text];
      return `${first},${JSON.stringify(key)}:${last}`;
    });
  });
}

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...at, key]))];
}

function replaceAt(value: unknown, [step, ...rest]: Path, mark: string | undefined): unknown {
  if (step === undefined) return mark;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, key === step ? replaceAt(item, rest, mark) : item] as const,
  );
  return Array.isArray(value)
    ? entries.flatMap(([, item]) => (item === undefined ? [] : [item]))
    : Object.fromEntries(entries);
}
