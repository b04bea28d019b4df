import {
  choicesOf,
  type DeadLetterFilter,
  deadLetterFilter,
  FILTER_NAMES,
  type FilterName,
  filterField,
  filterFromTexts,
  isNumeric,
  maxValuesOf,
} from '@sluice/queue';
import { z } from 'zod';
import { issuesOf } from '../http/input.ts';
import { Problem } from '../http/problem.ts';

/** An integer in a query, in decimal digits. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, 'Expected an integer in decimal digits.')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

/** A query parameter that may be repeated. */
export const repeatable = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(z.string()).optional(),
);

/** The dead-letter filter as query parameters, made from its definition. */
export const filterQuery = z.strictObject(
  Object.fromEntries(FILTER_NAMES.map((name) => [name, parameterOf(name)])) as Record<
    FilterName,
    z.ZodType<string | number | readonly string[] | undefined>
  >,
);

function parameterOf(name: FilterName): z.ZodType {
  const { help, kind, min = 0, max = Number.MAX_SAFE_INTEGER } = filterField(name);
  const choices = choicesOf(name);
  if (maxValuesOf(name) !== undefined) return repeatable.describe(`${help}; repeatable`);
  if (choices) return z.enum(choices).optional().describe(help);
  if (!isNumeric(name)) return z.string().optional().describe(help);
  const unit = kind === 'moment' ? `${help}, in milliseconds since the epoch` : help;
  return wholeNumber(min, max).optional().describe(unit);
}

/**
 * Converts query parameters to a filter.
 *
 * @throws Problem `invalid_request`
 */
export function toFilter(query: z.output<typeof filterQuery>): DeadLetterFilter {
  const filter = filterFromTexts((name) => [query[name] ?? []].flat().map(String));
  const read = deadLetterFilter.safeParse(filter);
  if (read.success) return read.data;
  throw new Problem('invalid_request', '', { issues: issuesOf('query', read.error) });
}

export const filterSchema = deadLetterFilter.meta({ id: 'DeadLetterFilter' });

/** A lost filter must not select everything, so an empty one is rejected. */
const selectiveFilter = filterSchema.refine((filter) => Object.keys(filter).length > 0, {
  error: 'Empty filter. To select all dead letters, send "all": true instead.',
});

/** Body that selects dead letters by a filter, or all of them, with further fields. */
export function selecting<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.union([
    z.strictObject({ filter: selectiveFilter, ...shape }),
    z.strictObject({ all: z.literal(true), ...shape }),
  ]);
}

/** Returns the filter of a selection. */
export function selected(
  body: { readonly filter: DeadLetterFilter } | { readonly all: true },
): DeadLetterFilter {
  return 'filter' in body ? body.filter : {};
}
