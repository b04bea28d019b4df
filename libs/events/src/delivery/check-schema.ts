import type { z } from 'zod';

/** One schema violation: its path and message. Never holds the value, which may be personal data. */
export interface Issue {
  /** Dotted path like `line_items.0.price`; empty for the whole input. */
  readonly path: string;
  readonly message: string;
}

export type SchemaCheck =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** An input that is wrong in 10,000 places is described by its first ten. */
const MAX_ISSUES = 10;

/**
 * Validates untrusted input against a schema. Never throws.
 *
 * Zod's `safeParse` can throw: its length checks read `length` of any value, so `z.string().min(1)` throws a
 * TypeError for `{"length":{"toString":0}}`.
 *
 * @returns the schema's output, or at most ten issues
 */
export function checkSchema(schema: z.ZodType, input: unknown): SchemaCheck {
  try {
    const { success, data, error } = schema.safeParse(input);
    return success ? { ok: true, data } : { ok: false, issues: toIssues(error) };
  } catch {
    return {
      ok: false,
      issues: [{ path: '', message: 'cannot be validated: found an object where a string is expected' }],
    };
  }
}

function toIssues(error: z.ZodError): Issue[] {
  return error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }));
}
