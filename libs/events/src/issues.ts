import type { z } from 'zod';

/** What did not fit a schema, and where; never the value itself, which may be personal. */
export interface Issue {
  /** e.g. `line_items.0.price`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** A payload that is wrong in 10,000 places is told in its first ten. */
const MAX_ISSUES = 10;

/** Turns Zod's findings into short, value-free issues, at most ten. */
export function toIssues(error: z.ZodError): Issue[] {
  return error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }));
}
