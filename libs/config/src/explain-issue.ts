import type { z } from 'zod';
import { nearest } from './nearest.ts';
import { type Path, valueAt } from './path.ts';
import { schemaNode } from './schema-node.ts';

/** A finding of a schema in our words, without any value of the file. */
export interface Explanation {
  readonly path: Path;
  /** Set when it is about a key of the mapping at `path`, not about the value there. */
  readonly key?: string;
  readonly message: string;
  readonly hint?: string;
  /** The words of a schema that a user wrote, which may quote what they refuse. */
  readonly foreign?: true;
}

/**
 * Explains a finding. An unknown key is one finding of Zod's for all keys, and becomes one each.
 *
 * @param input what the schema checked, to tell missing from wrong
 */
export function explainIssue(schema: z.ZodType, issue: z.core.$ZodIssue, input: unknown): Explanation[] {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const { keys } = schemaNode(schema, path);
    return issue.keys.map((key) => ({ path, key, ...explainKey(key, valueAt(input, [...path, key]), keys) }));
  }
  if (issue.code === 'invalid_key') {
    const [why = issue] = issue.issues;
    const around = path.slice(0, -1);
    const words = { message: lowerFirst(why.message), ...hintOf(schema, around) };
    return [{ path: around, key: String(path.at(-1)), ...words }];
  }
  const hint = hintOf(schema, path);
  const value = valueAt(input, path);
  // Of a union, what tells its kinds apart may be missing.
  // Also of a union, where what tells its kinds apart may be missing.
  const isMissing = value === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_union');
  if (isMissing) return [{ path, message: 'is missing', ...hint }];
  if (issue.code !== 'invalid_type') return [{ path, message: wordsFor(issue), ...hint }];

  const isFraction = issue.expected === 'int' && typeof value === 'number';
  const message = `should be ${nameOf(issue.expected)}, not ${isFraction ? 'a fraction' : nameOf(kindOf(value))}`;
  if (issue.expected === 'string' && typeof value !== 'object') {
    return [{ path, message, hint: 'put it in quotes' }];
  }
  return [{ path, message, ...hint }];
}

function hintOf(schema: z.ZodType, path: Path): { hint?: string } {
  const { description } = schemaNode(schema, path);
  return description === undefined ? {} : { hint: description };
}

/** A key without a value, or of an odd form, may be a secret in the wrong place: it is not quoted. */
function explainKey(
  key: string,
  value: unknown,
  known: readonly string[],
): { message: string; hint: string } {
  const meant = nearest(key, known);
  const quotable = meant !== undefined || (value !== null && /^[A-Za-z_][\w-]{0,40}$/.test(key));
  return {
    message: quotable ? `unknown key "${key}"` : 'a key that does not belong here',
    hint: meant ? `did you mean "${meant}"?` : `known here: ${known.join(', ') || 'none'}`,
  };
}

const NAMES: Record<string, string> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'nothing',
};

function nameOf(type: string): string {
  return NAMES[type] ?? type;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Schemas may bring their own words; Zod's for these are for programmers. */
function wordsFor(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid option')) {
    return `should be one of ${issue.values.map(String).join(', ')}`;
  }
  if (issue.code === 'invalid_union' && 'options' in issue && issue.options) {
    return `should be one of ${issue.options.map(String).join(', ')}`;
  }
  if (issue.code === 'too_small' && issue.message.startsWith('Too small')) {
    if (issue.origin === 'string' && issue.minimum === 1) return 'is empty';
    return issue.origin === 'number' || issue.origin === 'int'
      ? `should be at least ${issue.minimum}`
      : 'is too short';
  }
  if (issue.code === 'too_big' && issue.message.startsWith('Too big')) {
    return issue.origin === 'number' || issue.origin === 'int'
      ? `should be at most ${issue.maximum}`
      : 'is too long';
  }
  return lowerFirst(issue.message);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
