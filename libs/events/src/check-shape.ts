import type { z } from 'zod';
import { type Issue, toIssues } from './issues.ts';

export type SchemaCheck =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Checks what somebody sent against a schema. Never throws, which Zod's own safeParse does: its checks of
 * length run on whatever has a `length`, so that `z.string().min(1)` throws a TypeError at
 * `{"length":{"toString":0}}`.
 */
export function checkSchema(schema: z.ZodType, input: unknown): SchemaCheck {
  try {
    const { success, data, error } = schema.safeParse(input);
    return success ? { ok: true, data } : { ok: false, issues: toIssues(error) };
  } catch {
    return {
      ok: false,
      issues: [{ path: '', message: 'cannot be checked: an object stands where a text should' }],
    };
  }
}
