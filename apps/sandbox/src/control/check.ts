import type { Response } from 'express';
import type { z } from 'zod';

/** A mistake in a request to the control API; `path` is empty for the whole. */
export interface ControlIssue {
  readonly path: string;
  readonly message: string;
}

/** Answers a request that is wrong: `{error: {message, issues}}`. */
export function sendMistake(
  response: Response,
  status: number,
  message: string,
  issues: readonly ControlIssue[] = [],
): void {
  response.status(status).json({ error: { message, issues } });
}

/** Returns the value as the schema reads it; undefined when it does not fit, which is then answered with 400. */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  response: Response,
): z.output<Schema> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }));
  const told = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  sendMistake(response, 400, told, issues);
  return undefined;
}
