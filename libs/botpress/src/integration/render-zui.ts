/** A JSON Schema of draft 7, as Zod writes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Keywords allowed in every schema, in addition to those of its type. `x-secret` hides a setting. */
const COMMON_KEYWORDS = ['$schema', 'title', 'description', 'type', 'x-secret'];

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
 * Renders a JSON Schema as source code of zui, the Zod of Botpress' SDK: a fork of Zod 3 that throws at deploy
 * on any other Zod. Every property gets a title, made of its name if it has none.
 *
 * A required property of any type is rendered as `z.unknown()`, which zui never requires: the deployed schema
 * accepts more than Sluice sends, never less.
 *
 * @param path location for the error message, e.g. `newOrderCreated.fullBody`
 * @throws TypeError on an unsupported keyword: ignoring one would accept other payloads
 */
export function renderZui(schema: JsonSchema, path: string, indent = ''): string {
  const { type = 'unknown' } = schema;
  if (Array.isArray(type)) return renderNullable(schema, type, path, indent);
  const allowed = KEYWORDS[String(type)];
  const unsupportedKey = Object.keys(schema).find(
    (key) => !COMMON_KEYWORDS.includes(key) && !allowed?.includes(key),
  );
  if (!allowed || unsupportedKey !== undefined) throw unsupported(schema, path);
  switch (type) {
    case 'object':
      return renderObject(schema, path, indent);
    case 'array':
      return `z.array(${renderZui(schema.items as JsonSchema, `${path}[]`, indent)})${limits(schema, 'minItems', 'maxItems')}`;
    case 'string':
      return renderString(schema, path);
    case 'number':
    case 'integer':
      return renderNumber(schema, path);
    case 'boolean':
      return typeof schema.const === 'boolean' ? `z.literal(${schema.const})` : 'z.boolean()';
    default:
      return 'z.unknown()';
  }
}

/** Renders a nullable type, which Zod writes as `type: [x, null]`. */
function renderNullable(schema: JsonSchema, types: readonly unknown[], path: string, indent: string): string {
  const [type, ...rest] = types.filter((name) => name !== 'null');
  if (types.length !== 2 || type === undefined || rest.length > 0) throw unsupported(schema, path);
  return `${renderZui({ ...schema, type }, path, indent)}.nullable()`;
}

function renderObject(schema: JsonSchema, path: string, indent: string): string {
  const { properties, additionalProperties: others } = schema;
  if (properties === undefined) {
    if (!isSchema(others) || !isAnyString(schema.propertyNames)) throw unsupported(schema, path);
    return `z.record(${renderZui(others, `${path}{}`, indent)})`;
  }
  const required = new Set(schema.required as readonly string[] | undefined);
  const fields = Object.entries(properties as Record<string, JsonSchema>).map(([name, property]) => {
    const zui = renderZui(property, `${path}.${name}`, `${indent}  `);
    const suffix = `${annotations(name, property)}${required.has(name) ? '' : '.optional()'}`;
    return `${indent}  ${keyOf(name)}: ${zui}${suffix},\n`;
  });
  const object = fields.length > 0 ? `z.object({\n${fields.join('')}${indent}})` : 'z.object({})';
  // zui rejects unknown properties unless an object is open.
  if (others === undefined || others === false) return object;
  if (isSchema(others) && Object.keys(others).length === 0) return `${object}.passthrough()`;
  throw unsupported(schema, path);
}

function annotations(name: string, { title = titleOf(name), description, ...rest }: JsonSchema): string {
  return [
    rest['x-secret'] === true ? '.secret()' : '',
    `.title(${JSON.stringify(title)})`,
    typeof description === 'string' ? `.describe(${JSON.stringify(description)})` : '',
  ].join('');
}

function renderString(schema: JsonSchema, path: string): string {
  const { const: only, enum: values, pattern } = schema;
  if (typeof only === 'string') return `z.literal(${JSON.stringify(only)})`;
  if (Array.isArray(values)) return `z.enum(${JSON.stringify(values)})`;
  if (only !== undefined || values !== undefined) throw unsupported(schema, path);
  const regex = typeof pattern === 'string' ? `.regex(new RegExp(${JSON.stringify(pattern)}))` : '';
  return `z.string()${limits(schema, 'minLength', 'maxLength')}${regex}`;
}

function renderNumber(schema: JsonSchema, path: string): string {
  const { const: only, exclusiveMinimum } = schema;
  if (typeof only === 'number') return `z.literal(${only})`;
  if (only !== undefined) throw unsupported(schema, path);
  const above = typeof exclusiveMinimum === 'number' ? `.gt(${exclusiveMinimum})` : '';
  return `z.number()${schema.type === 'integer' ? '.int()' : ''}${limits(schema, 'minimum', 'maximum')}${above}`;
}

function limits(schema: JsonSchema, min: string, max: string): string {
  const least = schema[min];
  const most = schema[max];
  return `${typeof least === 'number' ? `.min(${least})` : ''}${typeof most === 'number' ? `.max(${most})` : ''}`;
}

const ABBREVIATIONS = new Set(['id', 'ids', 'gid', 'url']);

/** Returns a field name as words: `order_gid` is "Order GID", `shopName` is "Shop name". */
export function titleOf(name: string): string {
  const words = name.split(/_|(?<=[a-z0-9])(?=[A-Z])/).filter((word) => word !== '');
  const spelled = words.map((word) => {
    const lower = word.toLowerCase();
    return ABBREVIATIONS.has(lower) ? lower.toUpperCase().replace(/S$/, 's') : lower;
  });
  const text = spelled.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Returns a name as a key of an object literal. */
export function keyOf(name: string): string {
  // In a literal, __proto__ without brackets would set the prototype.
  if (name === '__proto__') return '["__proto__"]';
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAnyString(names: unknown): boolean {
  return names === undefined || JSON.stringify(names) === '{"type":"string"}';
}

function unsupported(schema: JsonSchema, path: string): TypeError {
  return new TypeError(`${path}: Botpress' SDK cannot express ${JSON.stringify(schema)}.`);
}
