import { DEAD_REASONS, type DeadLetterFilter, deadLetterFilter, toTerm } from '@sluice/queue';
import { z } from 'zod';
import { issuesOf } from '../api/parse-input.ts';
import { Problem } from '../problem.ts';

/** A whole number in plain digits, as it stands in a query. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, 'is no whole number in plain digits')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

/** What may be given again and again: once is a text, more often a list. */
export const repeatable = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(z.string()).optional(),
);

const text = z.string().optional();

/** The filter of dead letters as parameters. What each may be is checked by the filter's own schema. */
export const filterQuery = z.strictObject({
  id: repeatable.describe('of deliveries; may be given again'),
  connection: text,
  source: text,
  topic: text,
  event: text,
  reason: z.enum(DEAD_REASONS).optional(),
  group: text,
  replay: text.describe('that this replay put back, and that died again'),
  type: text.describe('Botpress’ word for the error'),
  status: wholeNumber(100, 599).optional(),
  from: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional().describe('died at or after'),
  to: wholeNumber(0, Number.MAX_SAFE_INTEGER).optional().describe('died at or before'),
  text: text.describe('in the message or an issue'),
  having: repeatable.describe('name=value in the payload; may be given again'),
});

/**
 * Makes the filter out of its parameters.
 *
 * @throws Problem `invalid_request`
 */
export function toFilter(query: z.output<typeof filterQuery>): DeadLetterFilter {
  const { id, having, ...rest } = query;
  const given = Object.entries(rest).filter(([, value]) => value !== undefined);
  const read = deadLetterFilter.safeParse({
    ...Object.fromEntries(given),
    ...(id ? { ids: id } : {}),
    ...(having ? { having: having.map(toTerm) } : {}),
  });
  if (read.success) return read.data;
  throw new Problem('invalid_request', '', { issues: issuesOf('query', read.error) });
}
