import fc from 'fast-check';
import type { JsonSchema } from '../../libs/botpress/src/integration/render-zui.ts';

/** Property names, including inherited ones. Not `__proto__`, which Zod drops from records. */
const name = fc.oneof(
  fc.constantFrom('id', 'type', 'constructor', 'toString', 'ü', ''),
  fc.string({ maxLength: 8 }).filter((text) => text !== '__proto__'),
);

/** Numbers of JSON, which has no -0. */
const number = fc
  .oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(2 ** 53 + 2))
  .map((value) => value + 0);

const anyJson: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 2 },
    fc.constant(null),
    fc.boolean(),
    number,
    fc.string({ maxLength: 8 }),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(name, tie('json'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).json;

/** Payloads that match a JSON Schema of Sluice, with and without optional fields. */
export function valid(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, const: only, enum: values } = schema;
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(values)) return fc.constantFrom(...values);
  switch (type) {
    case 'object':
      return validObject(schema);
    case 'array':
      return fc.array(valid(schema.items as JsonSchema), { maxLength: 3 });
    case 'string':
      return fc.string({ maxLength: 12 });
    case 'number':
      return number;
    case 'boolean':
      return fc.boolean();
    case undefined:
      return anyJson;
    default:
      throw new TypeError(`cannot generate payloads for ${JSON.stringify(schema)}`);
  }
}

function validObject(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { properties, additionalProperties, required = [] } = schema;
  const others =
    typeof additionalProperties === 'object'
      ? fc.dictionary(name, valid(additionalProperties as JsonSchema), {
          maxKeys: 3,
          noNullPrototype: true,
        })
      : fc.constant({});
  const entries = Object.entries((properties ?? {}) as Record<string, JsonSchema>);
  const known = fc.record(Object.fromEntries(entries.map(([key, value]) => [key, valid(value)])), {
    requiredKeys: required as string[],
    noNullPrototype: true,
  });
  return fc.tuple(others, known).map(([some, all]) => ({ ...some, ...all }));
}

type Mutation = (parent: Record<string, unknown> | unknown[], key: string) => void;

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  anyJson.map(
    (value): Mutation =>
      (parent, key) =>
        Reflect.set(parent, key, value),
  ),
  fc.constantFrom<Mutation>(
    (parent, key) => Reflect.set(parent, key, null),
    (parent, key) => void (Array.isArray(parent) ? parent.pop() : Reflect.deleteProperty(parent, key)),
    (parent, key) => Reflect.set(parent, key, [Reflect.get(parent, key)]),
    (parent, key) => Reflect.set(parent, key, JSON.stringify(Reflect.get(parent, key))),
    (parent) => void (Array.isArray(parent) ? parent.push({}) : Reflect.set(parent, 'unknownField', 1)),
  ),
);

/** Valid payloads with one to three changes anywhere; some changes keep the payload valid. */
export function mutated(schema: JsonSchema): fc.Arbitrary<unknown> {
  const change = fc.tuple(mutation, fc.nat());
  return fc
    .tuple(valid(schema), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([payload, changes]) => {
      const copy = structuredClone(payload);
      for (const [mutate, seed] of changes) {
        const locations = locationsIn(copy);
        const [parent, key] = locations[seed % locations.length] ?? [];
        if (parent && key !== undefined) mutate(parent, key);
      }
      return JSON.parse(JSON.stringify(copy));
    });
}

function locationsIn(value: unknown): [Record<string, unknown> | unknown[], string][] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown> | unknown[];
  return Object.entries(parent).flatMap(([key, child]) => [[parent, key], ...locationsIn(child)]);
}
