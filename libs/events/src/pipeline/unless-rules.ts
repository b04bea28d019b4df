import { z } from 'zod';
import type { EventDefinition } from '../definitions/define-event.ts';
import { bodyPath, valueAtPath } from '../delivery/body-path.ts';
import type { ChosenEvents } from './choose-events.ts';

const scalar = z.union([
  z.string(),
  z
    .number()
    .refine(
      (value) => Math.abs(value) <= Number.MAX_SAFE_INTEGER,
      'is beyond 2^53, where numbers are rounded and different ids are equal: use the path of a text id',
    ),
  z.boolean(),
  z.null(),
]);

/**
 * One `unless` entry of a connection. The output lists the values as texts, because the value of an
 * environment variable is always text: `"7"` also matches the number 7. `null` matches only null.
 */
export const unlessRule = z
  .strictObject({
    path: bodyPath
      .refine((path) => path !== '$', 'must name a field, because $ is the whole body')
      .describe('path of a field in the body of a delivery, like data.user.id or items.0.id'),
    value: z
      .union([scalar, z.array(scalar).min(1, 'is empty')], {
        error: 'must be text, a number, true, false, null or a list of these',
      })
      .describe('value that the field must have: text, a number, true, false or null, or a list of these'),
  })
  .transform(({ path, value }) => ({ path, values: [value].flat().map(textOf) }));

/** Deliveries whose body holds one of the values at the path are ignored. */
export type UnlessRule = z.output<typeof unlessRule>;

function textOf(value: unknown): string | null {
  return value === null ? null : String(value);
}

/** Returns whether an input has the value of a rule. False if the path leads nowhere or to an object or list. */
export function matchesRule({ path, values }: UnlessRule, input: unknown): boolean {
  const value = valueAtPath(input, path);
  if (value === undefined || (typeof value === 'object' && value !== null)) return false;
  return values.includes(textOf(value));
}

/** A part of a JSON Schema. */
type Node = z.core.JSONSchema.JSONSchema;

/**
 * Returns whether the input schemas of all events exclude the values of a rule at its path. False if a schema
 * permits unknown fields there, which most do: a misspelled name cannot be detected.
 */
export function neverMatches({ path, values }: UnlessRule, events: ChosenEvents): boolean {
  return noEventPermits(path, events, (node) => values.some((value) => permitsValue(node, value)));
}

/**
 * Returns whether the input schemas of all events exclude text and numbers at a path. False if a schema permits
 * unknown fields there.
 */
export function leadsNowhere(path: string, events: ChosenEvents): boolean {
  return noEventPermits(path, events, (node) => permitsValue(node, 'text') || permitsValue(node, '1'));
}

function noEventPermits(path: string, events: ChosenEvents, isPermitted: (node: Node) => boolean): boolean {
  const definitions = new Set([...events.values()].filter((event) => event !== undefined));
  const permits = ({ input }: EventDefinition) => {
    let nodes = alternatives(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }));
    for (const step of path.split('.')) {
      nodes = nodes.flatMap((node) => childrenOf(node, step)).flatMap(alternatives);
    }
    return nodes.some(isPermitted);
  };
  return definitions.size > 0 && ![...definitions].some(permits);
}

/** Returns the alternatives of a union or of a list of types, or else the schema itself. */
function alternatives(node: Node): Node[] {
  if (Array.isArray(node.type)) return node.type.map((type) => ({ ...node, type }));
  const more = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].filter((one) => typeof one === 'object');
  return more.length > 0 ? more.flatMap(alternatives) : [node];
}

/** Returns what a schema permits at a step: nothing, one schema, or anything (`{}`). */
function childrenOf(node: Node, step: string): Node[] {
  const { type, properties = {}, additionalProperties = {}, items = {} } = node;
  if (type === undefined) return [{}];
  if (type === 'array')
    return /^\d+$/.test(step) && typeof items === 'object' ? [[items].flat()[0] as Node] : [];
  if (type !== 'object') return [];
  const child = Object.hasOwn(properties, step) ? properties[step] : additionalProperties;
  return typeof child === 'object' ? [child] : child ? [{}] : [];
}

function permitsValue({ type, enum: allowed, const: only }: Node, value: string | null): boolean {
  if (only !== undefined) return textOf(only) === value;
  if (allowed) return allowed.map(textOf).includes(value);
  switch (type) {
    case undefined:
      return true;
    case 'string':
      return value !== null;
    case 'number':
    case 'integer':
      return value !== null && value.trim() !== '' && Number.isFinite(Number(value));
    case 'boolean':
      return value === 'true' || value === 'false';
    case 'null':
      return value === null;
    default:
      return false;
  }
}
