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
import { issuesOf } from '../api/parse-input.ts';
import { Problem } from '../problem.ts';

/** A whole number in plain digits, as in a query. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,16}$/, 'Expected a whole number in plain digits.')
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}

/** A parameter that may be repeated: one is a text, several are a list. */
export const repeatable = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(z.string()).optional(),
);

/** The filter of dead letters as query parameters, made from its definition. */
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
