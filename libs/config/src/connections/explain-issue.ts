import { z } from 'zod';
import type { JsonSchema } from './connection-schema.ts';
import { type Path, valueAt } from './path.ts';
import { mostSimilar } from './suggest.ts';

/** A problem at a path of the connections file, without any value of the file. */
export interface Finding {
  readonly path: Path;
  /** Set if the problem concerns a key of the mapping at `path`, not its value. */
  readonly key?: string;
  /** Predicate of the path: `is missing`. */
  readonly message: string;
  readonly hint?: string;
  /** The message comes from a user's schema and may quote the value. */
  readonly foreign?: true;
}

/**
 * Converts an issue of Zod to findings. Unknown keys are one issue, and become one finding each.
 *
 * @param input the checked value, to distinguish missing from wrong values
 */
export function explainIssue(schema: z.ZodType, issue: z.core.$ZodIssue, input: unknown): Finding[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const { keys } = describePath(schema, path);
    return issue.keys.map((key) => ({ path, key, ...unknownKey(key, valueAt(input, [...path, key]), keys) }));
  }
  if (issue.code === 'invalid_key') {
    const [cause = issue] = issue.issues;
    const parent = path.slice(0, -1);
    return [
      {
        path: parent,
        key: String(path.at(-1)),
        message: predicate(cause.message),
        ...hintOf(schema, parent),
      },
    ];
  }
  const meant = alternativeOf(issue);
  if (meant) {
    return meant.flatMap((one) => explainIssue(schema, { ...one, path: [...path, ...one.path] }, input));
  }
  const hint = hintOf(schema, path);
  const value = valueAt(input, path);
  // A missing discriminator of a union is an invalid_union.
  const isMissing = value === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_union');
  if (isMissing) return [{ path, message: 'is missing', ...hint }];
  if (issue.code !== 'invalid_type') return [{ path, message: messageOf(issue), ...hint }];

  const isFraction = issue.expected === 'int' && typeof value === 'number';
  const message = `must be ${nameOf(issue.expected)}, not ${isFraction ? 'a fraction' : nameOf(kindOf(value))}`;
  if (issue.expected === 'string' && typeof value !== 'object') {
    return [{ path, message, hint: 'Put it in quotes' }];
  }
  return [{ path, message, ...hint }];
}

/** Returns the issues of the only alternative of a union that has the kind and the keys of the value. */
function alternativeOf(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const fitting = issue.errors.filter((issues) => issues.every(({ path }) => path.length > 0));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function hintOf(schema: z.ZodType, path: Path): { hint?: string } {
  const { description } = describePath(schema, path);
  return description === undefined ? {} : { hint: `Expected: ${description}` };
}

/** A key without a value, or of an unusual form, may be a misplaced secret and is not quoted. */
function unknownKey(
  key: string,
  value: unknown,
  known: readonly string[],
): { message: string; hint: string } {
  const similar = mostSimilar(key, known);
  const quotable = similar !== undefined || (value !== null && /^[A-Za-z_][\w-]{0,40}$/.test(key));
  return {
    message: quotable ? `has the unknown key "${key}"` : 'has an unknown key',
    hint: similar ? `Did you mean "${similar}"?` : `Known keys: ${known.join(', ') || 'none'}`,
  };
}

const TYPE_NAMES: Record<string, string> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'empty',
};

function nameOf(type: string): string {
  return TYPE_NAMES[type] ?? type;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Uses the messages of our schemas, and replaces Zod's own. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid option')) {
    return `must be one of ${issue.values.map(String).join(', ')}`;
  }
  if (issue.code === 'invalid_union' && 'options' in issue && issue.options) {
    return `must be one of ${issue.options.map(String).join(', ')}`;
  }
  if (issue.code === 'too_small' && issue.message.startsWith('Too small')) {
    if (issue.origin === 'string' && issue.minimum === 1) return 'is empty';
    return issue.origin === 'number' || issue.origin === 'int'
      ? `must be at least ${issue.minimum}`
      : 'is too short';
  }
  if (issue.code === 'too_big' && issue.message.startsWith('Too big')) {
    return issue.origin === 'number' || issue.origin === 'int'
      ? `must be at most ${issue.maximum}`
      : 'is too long';
  }
  return predicate(issue.message);
}

/** Turns a message into a predicate, unless it begins with a verb (`is`, `has`, `must`). */
function predicate(message: string): string {
  const lower = message.charAt(0).toLowerCase() + message.slice(1);
  return /^(?:[a-z]+s|must) /.test(lower) ? lower : `is invalid: ${lower}`;
}

interface PathDescription {
  readonly description?: string;
  /** Known keys, if it is a mapping. */
  readonly keys: readonly string[];
}

/** Returns what the schema says about a path, of any alternative of a union. */
function describePath(schema: z.ZodType, path: Path): PathDescription {
  let nodes: readonly JsonSchema[] = alternatives(jsonSchemaOf(schema));
  for (const step of path) nodes = nodes.flatMap((node) => alternatives(child(node, step)));
  const described = nodes.find((node) => node.description !== undefined);
  return {
    ...(described?.description === undefined ? {} : { description: described.description }),
    keys: [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))],
  };
}

/** The same mistake in 5,000 connections would convert the schema 5,000 times. */
const converted = new WeakMap<z.ZodType, JsonSchema>();

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  // Sources of users may use types without a JSON Schema; those have no description here.
  const json = converted.get(schema) ?? z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  converted.set(schema, json);
  return json;
}

/** Returns the schema, and the alternatives of a union. */
function alternatives(node: JsonSchema | undefined): readonly JsonSchema[] {
  if (!node) return [];
  const more = [...(node.oneOf ?? []), ...(node.anyOf ?? [])];
  return [node, ...more.flatMap((one) => (typeof one === 'object' ? alternatives(one) : []))];
}

function child(node: JsonSchema, step: PropertyKey): JsonSchema | undefined {
  const { properties = {}, additionalProperties } = node;
  const named = Object.hasOwn(properties, String(step)) ? properties[String(step)] : additionalProperties;
  const next = typeof step === 'number' ? node.items : named;
  return typeof next === 'object' && !Array.isArray(next) ? next : undefined;
}
