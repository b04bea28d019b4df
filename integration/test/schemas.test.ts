import { isDeepStrictEqual } from 'node:util';
import { transforms, type z } from '@botpress/sdk';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineEvents } from '../src/define-sluice-integration.ts';
import type { EventDefinition } from '../src/sluice-events.ts';
import type { JsonSchema } from '../src/to-zui.ts';
import { mutated, valid } from './payloads.ts';
import { sources } from './sources.ts';

/** The two transformers with which Botpress' CLI makes JSON Schemas; a definition may select the legacy one. */
const transformers = {
  toJSONSchema: (schema: z.ZodTypeAny): unknown => transforms.toJSONSchema(schema),
  toJSONSchemaLegacy: (schema: z.ZodTypeAny): unknown =>
    transforms.toJSONSchemaLegacy(schema, { target: 'jsonSchema7' }),
};

const events = sources.flatMap((source) =>
  source.events.map((event) => ({ name: `${source.name} ${event.name}`, event })),
);

/**
 * Returns whether Sluice would send exactly this payload. mapDelivery sends the output of the schema, so a payload
 * that loses a field in the schema is not sent.
 */
function isSent({ schema }: EventDefinition, payload: unknown): boolean {
  const parsed = schema.safeParse(payload);
  return parsed.success && isDeepStrictEqual(parsed.data, payload);
}

function validatorOf(event: EventDefinition, toJson: (schema: z.ZodTypeAny) => unknown) {
  const definition = defineEvents([event])[event.name];
  if (!definition) throw new Error('not defined');
  const ajv = new Ajv({ strict: false, validateFormats: false });
  // The CLI sends JSON text.
  return ajv.compile(JSON.parse(JSON.stringify(toJson(definition.schema))));
}

describe.each(Object.entries(transformers))('with %s', (_, toJson) => {
  test.each(events)('$name: Botpress accepts exactly the payloads that Sluice sends', ({ event }) => {
    const isAccepted = validatorOf(event, toJson);
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
  });
});

test('the test covers every source with built-in events', () => {
  expect(new Set(events.map(({ name }) => name.split(' ')[0]))).toEqual(
    new Set(['linear', 'shopify', 'telegram', 'whatsapp']),
  );
});
