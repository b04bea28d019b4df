import { EVENT_NAME_PATTERN, type EventDefinition } from '@sluice/events';
import { z } from 'zod';
import { functionShape, schemaShape } from './shapes.ts';

const name = z
  .string()
  .regex(EVENT_NAME_PATTERN, 'is not an event name')
  .describe('camelCase, letters and digits, at most 200, like parcelDelivered');

const text = z.string().min(1, 'is empty');

const topic = z
  .union([text, z.array(text).min(1)], { error: 'should be a topic or a list of topics' })
  .describe("the platform's own name of it");

/** Has the fields of a Zod object, and what `defineEvent` adds. */
const payloadSchema = schemaShape
  .refine((schema) => shapeOf(schema) !== undefined, 'should be an object: z.object({ … })')
  .refine((schema) => shapeOf(schema)?.deliveryId !== undefined, 'lacks deliveryId, which defineEvent adds')
  .refine(hasJsonSchema, 'has a type that JSON Schema has no word for, like date, bigint or transform')
  .describe('what Botpress gets: z.object({ … }), the event made by defineEvent');

const fields = {
  name,
  title: text,
  description: text,
  topic,
  optIn: z.boolean().optional(),
  input: schemaShape.describe('what the platform sends, best z.looseObject({ … })'),
  schema: payloadSchema,
  map: functionShape.describe('makes the payload: (input, { settings, delivery }) => ({ … })'),
} satisfies Record<keyof EventDefinition, z.ZodType>;

/** What an event of a user's module has to look like. */
export const eventShape = z.strictObject(fields);

function shapeOf(schema: z.ZodType): Record<string, unknown> | undefined {
  return 'shape' in schema && typeof schema.shape === 'object' ? { ...schema.shape } : undefined;
}

function hasJsonSchema(schema: z.ZodType): boolean {
  try {
    z.toJSONSchema(schema, { target: 'draft-7' });
    return true;
  } catch {
    return false;
  }
}
