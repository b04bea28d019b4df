import { z } from '@botpress/sdk';

/** The subset of JSON Schema (draft 7) that Sluice's schemas use and Botpress' SDK can express. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords allowed in every schema, in addition to those of its type. */
const COMMON_KEYWORDS = ['$schema', 'description', 'type'];

const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties', 'propertyNames'],
  array: ['items', 'minItems', 'maxItems'],
  string: ['const', 'enum', 'pattern', 'minLength', 'maxLength'],
  number: ['const', 'minimum', 'maximum', 'exclusiveMinimum'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum'],
  boolean: ['const'],
  unknown: [],
};

/**
 * Converts a JSON Schema to Zui, the Zod of Botpress' SDK: a fork of Zod 3 that throws at deploy on any other Zod.
 *
 * The SDK's own `fromJSONSchema` rejects records of Zod 4 (`propertyNames`) and turns closed objects into open
 * ones (`additionalProperties: {not: true}` instead of false).
 *
 * @param path location for the error message, e.g. `newOrderCreated.fullBody`
 * @throws TypeError on an unsupported keyword: ignoring one would accept other payloads
 */
export function toZui(schema: JsonSchema, path: string): z.ZodTypeAny {
  const { description } = schema;
  const zui = convert(schema, path);
  return typeof description === 'string' ? zui.describe(description) : zui;
}

function convert(schema: JsonSchema, path: string): z.ZodTypeAny {
  const { type = 'unknown' } = schema;
  if (Array.isArray(type)) return convertNullable(schema, type, path);
  const allowed = KEYWORDS[String(type)];
  const unsupportedKey = Object.keys(schema).find(
    (key) => !COMMON_KEYWORDS.includes(key) && !allowed?.includes(key),
  );
  if (!allowed || unsupportedKey !== undefined) throw unsupported(schema, path);
  switch (type) {
    case 'object':
      return convertObject(schema, path);
    case 'array':
      return bound(z.array(toZui(schema.items as JsonSchema, `${path}[]`)), schema.minItems, schema.maxItems);
    case 'string':
      return convertString(schema, path);
    case 'number':
    case 'integer':
      return convertNumber(schema, path);
    case 'boolean':
      return typeof schema.const === 'boolean' ? z.literal(schema.const) : z.boolean();
    default:
      return z.unknown();
  }
}

/** Converts a nullable type, which Zod 4 writes as `type: [x, null]`. */
function convertNullable(schema: JsonSchema, types: readonly unknown[], path: string): z.ZodTypeAny {
  const [type, ...rest] = types.filter((name) => name !== 'null');
  if (types.length !== 2 || type === undefined || rest.length > 0) throw unsupported(schema, path);
  return convert({ ...schema, type }, path).nullable();
}

function convertObject(schema: JsonSchema, path: string): z.ZodTypeAny {
  const { properties, additionalProperties: others } = schema;
  if (properties === undefined) {
    if (!isSchema(others) || !isAnyString(schema.propertyNames)) throw unsupported(schema, path);
    return z.record(toZui(others, `${path}{}`));
  }
  const required = new Set(schema.required as readonly string[] | undefined);
  const shape = Object.entries(properties as Record<string, JsonSchema>).map(([name, property]) => {
    const zui = toZui(property, `${path}.${name}`);
    if (!required.has(name)) return [name, zui.optional()] as const;
    // In the SDK a type that accepts undefined is never required.
    if (zui.isOptional()) throw unsupported(property, `${path}.${name}, required`);
    return [name, zui] as const;
  });
  const object = z.object(Object.fromEntries(shape));
  if (others === undefined || others === false) return object.strict();
  if (isSchema(others) && Object.keys(others).length === 0) return object.passthrough();
  throw unsupported(schema, path);
}

function convertString(schema: JsonSchema, path: string): z.ZodTypeAny {
  const { const: only, enum: values, pattern } = schema;
  if (typeof only === 'string') return z.literal(only);
  if (Array.isArray(values)) return z.enum(values as [string, ...string[]]);
  if (only !== undefined || values !== undefined) throw unsupported(schema, path);
  const text = bound(z.string(), schema.minLength, schema.maxLength);
  return typeof pattern === 'string' ? text.regex(new RegExp(pattern)) : text;
}

function convertNumber(schema: JsonSchema, path: string): z.ZodTypeAny {
  const { const: only, exclusiveMinimum } = schema;
  if (typeof only === 'number') return z.literal(only);
  if (only !== undefined) throw unsupported(schema, path);
  const number = bound(
    schema.type === 'integer' ? z.number().int() : z.number(),
    schema.minimum,
    schema.maximum,
  );
  return typeof exclusiveMinimum === 'number' ? number.gt(exclusiveMinimum) : number;
}

interface Bounded<T> {
  min(limit: number): T;
  max(limit: number): T;
}

function bound<T extends Bounded<T>>(zui: T, min: unknown, max: unknown): T {
  const atLeast = typeof min === 'number' ? zui.min(min) : zui;
  return typeof max === 'number' ? atLeast.max(max) : atLeast;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAnyString(names: unknown): boolean {
  return names === undefined || JSON.stringify(names) === '{"type":"string"}';
}

function unsupported(schema: JsonSchema, path: string): TypeError {
  return new TypeError(`${path}: Botpress' SDK cannot express ${JSON.stringify(schema)}`);
}
