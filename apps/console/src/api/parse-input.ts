import { z } from 'zod';
import { Problem } from '../problem.ts';

/** As it came, unchecked. */
export interface RawInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** Of a body that is NDJSON. */
  readonly lines: AsyncIterable<string>;
}

interface Schemas<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
}

/** Nothing is asked for, so nothing may be given: a misspelt filter must not mean everything. */
const NOTHING = z.strictObject({});

/**
 * Checks what came.
 *
 * @throws Problem `invalid_request` with all that is wrong
 */
export function parseInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  { params, query, body }: Schemas<P, Q, B>,
  raw: RawInput,
): { params: z.output<P>; query: z.output<Q>; body: z.output<B> } {
  const read = {
    params: (params ?? NOTHING).safeParse(raw.params),
    query: (query ?? NOTHING).safeParse({ ...(raw.query as object) }),
    body: (body ?? z.unknown()).safeParse(raw.body),
  };
  const issues = Object.entries(read).flatMap(([part, { error }]) => (error ? issuesOf(part, error) : []));
  if (issues.length > 0) throw new Problem('invalid_request', '', { issues });
  return {
    params: read.params.data as z.output<P>,
    query: read.query.data as z.output<Q>,
    body: read.body.data as z.output<B>,
  };
}

/** More would only be the same again. */
const MAX_ISSUES = 20;

/** Puts what a schema has against a value into the words of a problem. */
export function issuesOf(part: string, { issues }: z.ZodError): { path: string; message: string }[] {
  return issues
    .flatMap((issue) => expand(issue))
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ path: [part, ...path.map(String)].join('.'), message }));
}

type ZodIssue = z.core.$ZodIssue;

/** Of what may be this or that, what is wrong with the one that it comes closest to. */
function expand(issue: ZodIssue): readonly ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const ways = issue.errors.map((errors) => errors.flatMap((inner) => expand(inner)));
  const [closest] = ways.toSorted((one, other) => one.length - other.length);
  return closest?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue];
}
