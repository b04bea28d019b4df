import { isDeepStrictEqual } from 'node:util';
import { transforms, type z } from '@botpress/sdk';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineEvents } from '../src/define-events.ts';
import type { EventDefinition } from '../src/sluice-events.ts';
import type { JsonSchema } from '../src/to-zui.ts';
import { fitting, mutated } from './payloads.ts';
import { sources } from './sources.ts';

/** As Botpress' CLI makes JSON Schemas of definitions: the new way, and the old one, which a definition may ask for. */
const transformers = {
  toJSONSchema: (schema: z.ZodTypeAny): unknown => transforms.toJSONSchema(schema),
  toJSONSchemaLegacy: (schema: z.ZodTypeAny): unknown =>
    transforms.toJSONSchemaLegacy(schema, { target: 'jsonSchema7' }),
};

const events = sources.flatMap((source) =>
  source.events.map((event) => ({ name: `${source.name} ${event.name}`, event })),
);

/**
 * Whether Sluice would send the payload: mapDelivery sends what the schema returns, so a payload that loses
 * a field on the way is not one that is sent.
 */
function isSent({ schema }: EventDefinition, payload: unknown): boolean {
  const parsed = schema.safeParse(payload);
  return parsed.success && isDeepStrictEqual(parsed.data, payload);
}

function validatorOf(event: EventDefinition, toJson: (schema: z.ZodTypeAny) => unknown) {
  const definition = defineEvents([event])[event.name];
  if (!definition) throw new Error('not defined');
  const ajv = new Ajv({ strict: false, validateFormats: false });
  // What the CLI sends is text.
  return ajv.compile(JSON.parse(JSON.stringify(toJson(definition.schema))));
}

describe.each(Object.entries(transformers))('by %s', (_, toJson) => {
  test.each(events)('$name: Botpress takes exactly what Sluice sends', ({ event }) => {
    const isTaken = validatorOf(event, toJson);
    const schema: JsonSchema = event.schema.toJSONSchema({ target: 'draft-7' });
    const verdicts = { yes: 0, no: 0 };
    const agree = (payload: unknown) => {
      const sent = isSent(event, payload);
      verdicts[sent ? 'yes' : 'no']++;
      expect(isTaken(payload)).toBe(sent);
    };
    fc.assert(
      fc.property(fitting(schema), (payload) => {
        expect(isSent(event, payload)).toBe(true);
        agree(payload);
      }),
    );
    fc.assert(fc.property(mutated(schema), agree), { numRuns: 500 });
    // Both answers came, so the agreement means something.
    expect(verdicts.yes).toBeGreaterThan(100);
    expect(verdicts.no).toBeGreaterThan(100);
  });
});

test('there are events of every source that has any', () => {
  expect(new Set(events.map(({ name }) => name.split(' ')[0]))).toEqual(
    new Set(['linear', 'shopify', 'telegram', 'whatsapp']),
  );
});
