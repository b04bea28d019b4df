import { RedisNotReachedError } from '@sluice/queue';
import type { Response } from 'express';
import { z } from 'zod';

export const issueSchema = z
  .object({
    path: z.string().describe('field, for example `body.filter.reason`'),
    message: z.string(),
  })
  .meta({ id: 'Issue', description: 'Field that fails validation.' });

export const problemSchema = z
  .object({
    type: z.string().describe('`urn:sluice:problem:<kind>`'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().describe('what happened and what to do'),
    issues: z.array(issueSchema).optional(),
  })
  .meta({ id: 'Problem', description: 'Error as defined by RFC 9457.' });

type Issue = z.output<typeof issueSchema>;

/** Status and title of each kind of problem. */
const KINDS = {
  invalid_request: { status: 400, title: 'Invalid request' },
  unauthenticated: { status: 401, title: 'Authentication required' },
  forbidden: { status: 403, title: 'Permission denied' },
  cross_site: { status: 403, title: 'Cross-site request rejected' },
  not_found: { status: 404, title: 'Not found' },
  conflict: { status: 409, title: 'Conflict' },
  too_large: { status: 413, title: 'Request body too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Service unavailable' },
} as const;

export type ProblemKind = keyof typeof KINDS;

interface ProblemOptions {
  readonly issues?: readonly Issue[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error response. The detail is shown to people and never contains a secret. */
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

/** Returns the title of the problems with that status, for the OpenAPI document. */
export function titleOf(status: number): string {
  return Object.values(KINDS).find((kind) => kind.status === status)?.title ?? '';
}

export function redisUnavailable(): Problem {
  return new Problem('unavailable', 'Redis does not answer. Retry in a few seconds.', {
    headers: { 'Retry-After': '5' },
  });
}

/** Redis' own errors that mean it cannot serve the command now. */
const UNFIT =
  /^(?:LOADING|OOM|READONLY|MASTERDOWN|CLUSTERDOWN|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS|TRYAGAIN)\b/;

/** Messages of ioredis, which has no error class for them, for a command without a reply. */
const UNREACHED =
  /^(?:Stream isn't writeable|Connection is closed|Command timed out|Socket timeout|Reached the max retries)/;

/** Returns whether an error means that Redis is unavailable or does not accept writes. */
export function isRedisUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ReplyError') return UNFIT.test(error.message);
  if (error instanceof RedisNotReachedError) return true;
  if (error.name === 'AbortError' || error.name === 'MaxRetriesPerRequestError') return true;
  return UNREACHED.test(error.message) || ('syscall' in error && 'code' in error);
}
