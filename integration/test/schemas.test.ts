import { isDeepStrictEqual } from 'node:util';
import type { IntegrationDefinition } from '@botpress/sdk';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonSchema } from '../../libs/botpress/src/integration/render-zui.ts';
import { type EventDefinition, receivedEvent } from '../src/sluice-events.ts';
import { type Converter, convert, converters, directoryOf, folders, loadDefinition } from './botpress-cli.ts';
import { mutated, valid } from './payloads.ts';
import { sources } from './sources.ts';

const events = [
  ...sources.flatMap((source) =>
    source.events.map((event) => ({ folder: source.name, name: event.name, event })),
  ),
  { folder: 'generic', name: 'received', event: receivedEvent as EventDefinition },
];

const definitions = new Map<string, IntegrationDefinition>();

beforeAll(async () => {
  for (const folder of folders) definitions.set(folder, await loadDefinition(directoryOf(folder)));
});

/**
 * Returns whether Sluice would send exactly this payload. mapDelivery sends the output of the schema, so a payload
 * that loses a field in the schema is not sent.
 */
function isSent({ schema }: EventDefinition, payload: unknown): boolean {
  const parsed = schema.safeParse(payload);
  return parsed.success && isDeepStrictEqual(parsed.data, payload);
}

function validatorOf(folder: string, event: EventDefinition, converter: Converter) {
  const schema = definitions.get(folder)?.events?.[event.name]?.schema;
  if (!schema) throw new Error('not defined');
  return new Ajv({ strict: false, validateFormats: false }).compile(convert(schema, converter));
}

describe.each(Object.entries(converters))('with %s', (_, converter) => {
  test.each(events)(
    '$folder $name: Botpress accepts exactly the payloads that Sluice sends',
    ({ folder, event }) => {
      const isAccepted = validatorOf(folder, event, converter);
      const schema: JsonSchema = event.schema.toJSONSchema({ target: 'draft-7' });
      const counts = { sent: 0, notSent: 0 };
      const agree = (payload: unknown) => {
        const sent = isSent(event, payload);
        counts[sent ? 'sent' : 'notSent']++;
        expect(isAccepted(payload)).toBe(sent);
      };
      fc.assert(
        fc.property(valid(schema), (payload) => {
          expect(isSent(event, payload)).toBe(true);
          agree(payload);
        }),
      );
      fc.assert(fc.property(mutated(schema), agree), { numRuns: 500 });
      // Both cases occurred often enough for the comparison to be meaningful.
      expect(counts.sent).toBeGreaterThan(100);
      expect(counts.notSent).toBeGreaterThan(100);
    },
  );
});

test('the test covers every integration', () => {
  expect(new Set(events.map(({ folder }) => folder))).toEqual(new Set(folders));
});
