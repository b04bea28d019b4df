import { z } from 'zod';
import { DEAD_REASONS } from '../records/outcome.ts';
import {
  type DeadLetterFilter,
  FILTER_NAMES,
  type FilterField,
  type FilterName,
  filterField,
  MAX_IDS,
  MAX_TERMS,
} from './filter.ts';

const text = (max: number) => {
  const error = `Expected 1 to ${max} characters.`;
  return z.string().min(1, error).max(max, error);
};
const name = text(200);

/** Validates a payload term. */
export const payloadTerm = z.strictObject({ name, value: text(500) });

/** Validates a delivery id. */
export const deliveryId = z.string().regex(/^dlv_[\w-]{1,100}$/, 'Expected a delivery id (dlv_…).');

function integer(min: number, max: number) {
  const error = `Expected a whole number from ${min} to ${max}.`;
  return z.int(error).min(min, error).max(max, error);
}

/** How the values of each kind are validated. */
const KINDS: { readonly [Kind in FilterField['kind']]: (field: FilterField) => z.ZodType } = {
  name: () => name,
  reason: () => z.enum(DEAD_REASONS),
  group: () => z.string().regex(/^(?:[0-9a-f]{16}|other)$/, 'Expected 16 hex digits, or other.'),
  replay: () => z.string().regex(/^rpl_[\w-]{1,100}$/, 'Expected a replay id (rpl_…).'),
  integer: ({ min = 0, max = Number.MAX_SAFE_INTEGER }) => integer(min, max),
  moment: () => integer(0, Number.MAX_SAFE_INTEGER),
  text: () => name,
  term: () => z.array(payloadTerm).max(MAX_TERMS, `Expected at most ${MAX_TERMS} values.`),
  delivery: () => z.array(deliveryId).max(MAX_IDS, `Expected at most ${MAX_IDS} ids.`),
};

/** Returns the schema of one field. */
function schemaOf(name: FilterName): z.ZodType {
  const field = filterField(name);
  return KINDS[field.kind](field).describe(field.help);
}

/** Validates a filter that comes from outside. */
export const deadLetterFilter: z.ZodType<DeadLetterFilter> = z.strictObject(
  Object.fromEntries(FILTER_NAMES.map((field) => [field, schemaOf(field).exactOptional()])),
) as unknown as z.ZodType<DeadLetterFilter>;

/**
 * Writes a filter as JSON in the form that is stored with a replay. It has the field names of earlier versions, whose
 * workers may run the replay during a rolling upgrade.
 */
export function writeStoredFilter(filter: DeadLetterFilter): string {
  const stored = FILTER_NAMES.map((field) => [filterField(field).storedAs ?? field, filter[field]]);
  return JSON.stringify(Object.fromEntries(stored));
}

/**
 * Reads a stored filter, with the names of either version.
 *
 * @throws an Error if it is invalid
 */
export function readStoredFilter(json: string): DeadLetterFilter {
  const names = new Map(FILTER_NAMES.map((field) => [filterField(field).storedAs ?? field, field]));
  const stored = z.record(z.string(), z.unknown()).parse(JSON.parse(json));
  const renamed = Object.entries(stored).map(([field, value]) => [names.get(field) ?? field, value]);
  return deadLetterFilter.parse(Object.fromEntries(renamed));
}
