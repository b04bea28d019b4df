import { describe, expect, test } from 'vitest';
import type { SourceDefinition } from '../definitions/define-source.ts';
import { chooseEvents } from '../pipeline/choose-events.ts';
import { mapDelivery } from '../pipeline/prepare-event.ts';
import { unpackWebhook, validateDelivery } from '../pipeline/receive-webhook.ts';
import type { VerifiedWebhook } from '../verification/webhook.ts';
import { linear } from './linear/linear.ts';
import { telegram } from './telegram/telegram.ts';

type Path = readonly (string | number)[];

/** JSON values of unexpected types. */
const ODD = [
  'null',
  'true',
  '0',
  '-1.5',
  '1e999',
  '9007199254740993',
  '""',
  '"text"',
  '[]',
  '[[1]]',
  '{}',
  '{"id":{}}',
];

const sources = ([linear, telegram] as SourceDefinition[]).flatMap((source) =>
  (source.samples?.topics ?? []).map((topic) => ({ name: `${source.name} ${topic}`, source, topic })),
);

describe.each(sources)('the sample of $name', ({ source, topic }) => {
  const choice = chooseEvents(source, {});
  const events = choice.ok ? choice.events : new Map();
  const occasion = { number: 1, now: 1_790_000_000_000, settings: {} };
  const sample = source.samples?.compose(topic, occasion).body ?? '';

  /** Unpacks and maps a text; returns the number of events and of quarantined deliveries. */
  const outcome = (text: string) => {
    const webhook = { headers: {}, body: Buffer.from(text), receivedAt: 0 } as unknown as VerifiedWebhook;
    const parsed = { webhook, text, json: JSON.parse(text) };
    const { deliveries } = unpackWebhook(source, { id: 'acme', settings: {}, events }, parsed);
    return deliveries.map((unpacked) => {
      expect(JSON.parse(unpacked.delivery.body), text).toEqual(unpacked.input);
      const fits = validateDelivery(unpacked).length === 0;
      const mapping = mapDelivery(unpacked.event, unpacked.delivery, {});
      expect(mapping.ok, `${text}: ${JSON.stringify(mapping)}`).toBe(fits);
      if (!mapping.ok) expect(mapping.reason, text).toBe('invalid_input');
      return fits;
    });
  };

  test('becomes an event, and never throws with an unexpected value at any path', () => {
    expect(outcome(sample)).not.toEqual([]);
    expect(outcome(sample)).not.toContain(false);
    let quarantined = 0;
    for (const path of pathsOf(JSON.parse(sample))) {
      for (const odd of [...ODD, undefined]) {
        if (outcome(replaceAt(JSON.parse(sample), path, odd)).includes(false)) quarantined++;
      }
    }
    expect(quarantined).toBeGreaterThan(0);
  });
});

function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return [at, ...entries.flatMap(([key, item]) => pathsOf(item, [...at, key]))];
}

/** Serializes a value with other text at a path; `undefined` removes the key. */
function replaceAt(value: unknown, path: Path, text: string | undefined): string {
  const [step, ...rest] = path;
  if (step === undefined) return text ?? 'null';
  const inner = (key: string | number, item: unknown) =>
    key === step
      ? rest.length > 0 || text !== undefined
        ? replaceAt(item, rest, text)
        : undefined
      : JSON.stringify(item);
  if (Array.isArray(value)) return `[${value.flatMap((item, index) => inner(index, item) ?? []).join(',')}]`;
  const members = Object.entries(value as object).flatMap(([key, item]) => {
    const member = inner(key, item);
    return member === undefined ? [] : `${JSON.stringify(key)}:${member}`;
  });
  return `{${members.join(',')}}`;
}
