import { z } from 'zod';

/**
 * A path into a JSON body as settings write it: `data.object.id`, `items.0.id`, or `$` for the whole body.
 */
export const bodyPath = z
  .string()
  .max(200)
  .regex(/^[^.\s]+(?:\.[^.\s]+)*$/, 'is not a path like data.object.id or items.0.id');

/**
 * Returns the value at a path of a parsed body, or `undefined` when the path leads nowhere. Reads own
 * properties only, never those of a prototype.
 */
export function valueAtPath(body: unknown, path: string): unknown {
  if (path === '$') return body;
  let value = body;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    // An array's `length` is an own property, but not part of the JSON.
    if (Array.isArray(value) && step === 'length') return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}
