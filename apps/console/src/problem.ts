import type { Response } from 'express';
import { z } from 'zod';

/** What is wrong with one place of a request. */
const issue = z.object({
  path: z.string().describe('where, e.g. body.filter.reason'),
  message: z.string(),
});

/** RFC 9457, as every error is answered. */
export const problemSchema = z.object({
  type: z.string().describe('urn:sluice:problem:<kind>'),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  issues: z.array(issue).optional(),
});

type Issue = z.output<typeof issue>;

/** Kinds of problems: what they are called, and which status they have. */
const KINDS = {
  invalid_request: { status: 400, title: 'The request is not as it has to be' },
  unauthenticated: { status: 401, title: 'Nobody is signed in' },
  forbidden: { status: 403, title: 'That is not allowed' },
  cross_site: { status: 403, title: 'Requests of other sites are refused' },
  not_found: { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'That cannot be done as things are' },
  too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be of another type' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong in the console' },
  unavailable: { status: 503, title: 'That is not available now' },
} as const;

export type ProblemKind = keyof typeof KINDS;

interface ProblemOptions {
  readonly issues?: readonly Issue[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request is answered instead of what it asked for. Its detail is for people, and never holds a secret. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly kind: ProblemKind;
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(kind: ProblemKind, detail: string, { issues = [], headers = {} }: ProblemOptions = {}) {
    super(detail);
    this.kind = kind;
    this.status = KINDS[kind].status;
    this.issues = issues;
    this.headers = headers;
  }
}

/** Answers with a problem. */
export function sendProblem(response: Response, problem: Problem): void {
  const { kind, status, message, issues, headers } = problem;
  response.status(status).set(headers);
  response.type('application/problem+json').send(
    JSON.stringify({
      type: `urn:sluice:problem:${kind}`,
      title: KINDS[kind].title,
      status,
      ...(message === '' ? {} : { detail: message }),
      ...(issues.length === 0 ? {} : { issues }),
    }),
  );
}

/** Which problems have that status, for the document. */
export function titleOf(status: number): string {
  return Object.values(KINDS).find((kind) => kind.status === status)?.title ?? '';
}
