import fc from 'fast-check';
import type { JsonSchema } from '../src/to-zui.ts';

/** Names that tell prototypes from own properties; Zod drops `__proto__` itself from records. */
const name = fc.oneof(
  fc.constantFrom('id', 'type', 'constructor', 'toString', 'ü', ''),
  fc.string({ maxLength: 8 }).filter((text) => text !== '__proto__'),
);

/** Numbers that JSON has; it has no -0. */
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

/** Payloads that fit a JSON Schema of ours, with and without what is optional. */
export function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { type, const: only, enum: values } = schema;
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(values)) return fc.constantFrom(...values);
  switch (type) {
    case 'object':
      return fittingObject(schema);
    case 'array':
      return fc.array(fitting(schema.items as JsonSchema), { maxLength: 3 });
    case 'string':
      return fc.string({ maxLength: 12 });
    case 'number':
      return number;
    case 'boolean':
      return fc.boolean();
    case undefined:
      return anyJson;
    default:
      throw new TypeError(`no payloads for ${JSON.stringify(schema)}`);
  }
}

function fittingObject(schema: JsonSchema): fc.Arbitrary<unknown> {
  const { properties, additionalProperties, required = [] } = schema;
  const others =
    typeof additionalProperties === 'object'
      ? fc.dictionary(name, fitting(additionalProperties as JsonSchema), {
          maxKeys: 3,
          noNullPrototype: true,
        })
      : fc.constant({});
  const entries = Object.entries((properties ?? {}) as Record<string, JsonSchema>);
  const known = fc.record(Object.fromEntries(entries.map(([key, value]) => [key, fitting(value)])), {
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
    (parent) => void (Array.isArray(parent) ? parent.push({}) : Reflect.set(parent, 'neverHeardOf', 1)),
  ),
);

/** Payloads that fit but for one to three changes, anywhere in them; some of which do no harm. */
export function mutated(schema: JsonSchema): fc.Arbitrary<unknown> {
  const change = fc.tuple(mutation, fc.nat());
  return fc
    .tuple(fitting(schema), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([payload, changes]) => {
      const copy = structuredClone(payload);
      for (const [mutate, seed] of changes) {
        const places = placesIn(copy);
        const [parent, key] = places[seed % places.length] ?? [];
        if (parent && key !== undefined) mutate(parent, key);
      }
      return JSON.parse(JSON.stringify(copy));
    });
}

function placesIn(value: unknown): [Record<string, unknown> | unknown[], string][] {
  if (typeof value !== 'object' || value === null) return [];
  const parent = value as Record<string, unknown> | unknown[];
  return Object.entries(parent).flatMap(([key, child]) => [[parent, key], ...placesIn(child)]);
}
