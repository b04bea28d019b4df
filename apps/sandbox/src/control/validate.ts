import type { Response } from 'express';
import type { z } from 'zod';

/** An error in a request to the control API. `path` is empty for the whole body. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** Sends an error response: `{error: {message, issues}}`. */
export function sendError(
  response: Response,
  status: number,
  message: string,
  issues: readonly Issue[] = [],
): void {
  response.status(status).json({ error: { message, issues } });
}

/** Returns the parsed value. If it is invalid, sends a 400 response and returns undefined. */
export function validate<Schema extends z.ZodType>(
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
  const messages = issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ');
  sendError(response, 400, messages, issues);
  return undefined;
}
