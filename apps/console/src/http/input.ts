import { z } from 'zod';
import { Problem } from './problem.ts';

/** Parts of a request before validation. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** Lines of an NDJSON body. */
  readonly lines: AsyncIterable<string>;
}

interface Schemas<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
}

/** Strict, because a misspelled filter must not select everything. */
const NO_FIELDS = z.strictObject({});

/**
 * Validates a request.
 *
 * @throws Problem `invalid_request` with all issues
 */
export function parseInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  { params, query, body }: Schemas<P, Q, B>,
  raw: Omit<RawInput, 'lines'>,
): { params: z.output<P>; query: z.output<Q>; body: z.output<B> } {
  const parsed = {
    params: (params ?? NO_FIELDS).safeParse(raw.params),
    query: (query ?? NO_FIELDS).safeParse({ ...(raw.query as object) }),
    body: (body ?? z.unknown()).safeParse(raw.body),
  };
  const issues = Object.entries(parsed).flatMap(([part, { error }]) => (error ? issuesOf(part, error) : []));
  if (issues.length > 0) throw new Problem('invalid_request', '', { issues });
  return {
    params: parsed.params.data as z.output<P>,
    query: parsed.query.data as z.output<Q>,
    body: parsed.body.data as z.output<B>,
  };
}

/** Further issues mostly repeat the first ones. */
const MAX_ISSUES = 20;

/** Converts the issues of a schema to those of a problem. */
export function issuesOf(part: string, { issues }: z.ZodError): { path: string; message: string }[] {
  return issues
    .flatMap((issue) => expand(issue))
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ path: [part, ...path.map(String)].join('.'), message }));
}

type ZodIssue = z.core.$ZodIssue;

/** Replaces the issue of a union by those of its closest option. */
function expand(issue: ZodIssue): readonly ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const options = issue.errors.map((errors) => errors.flatMap((inner) => expand(inner)));
  const [closest] = options.toSorted((one, other) => one.length - other.length);
  return closest?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue];
}
