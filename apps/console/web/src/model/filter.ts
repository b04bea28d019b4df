import {
  type DeadLetterFilter,
  FILTER_NAMES,
  type FilterName,
  filterField,
  filterFromTexts,
} from '@sluice/queue/filter';
import { formatMoment } from './format.ts';
import { nameOfReason } from './labels.ts';

/** A filter of dead letters, as bodies of the API have it; `{}` is all of them. The API reports what is invalid. */
export type Filter = DeadLetterFilter;

/** Returns the parameters of an address that belong to the filter. */
export function filterParams(params: URLSearchParams): URLSearchParams {
  const kept = new URLSearchParams();
  for (const name of FILTER_NAMES) for (const value of params.getAll(name)) kept.append(name, value);
  return kept;
}

/** Converts an address to the filter of a body. */
export const filterOf = (params: URLSearchParams): Filter =>
  filterFromTexts((name) => params.getAll(name)) as Filter;

/** Returns the selection for the API: all dead letters only by name. */
export const selectionOf = (filter: Filter) =>
  Object.keys(filter).length > 0 ? { filter } : ({ all: true } as const);

/** Returns one value of a filter as people read it. */
export function describeValue(name: string, value: string): string {
  if (kindOf(name) === 'moment' && /^\d+$/.test(value)) return formatMoment(Number(value));
  return name === 'reason' ? nameOfReason(value) : value;
}

/** Most ids that are shown one by one; of more, only their number is. */
const FEW = 2;

/** Returns a filter in words. */
export function describeFilter(filter: Filter): string {
  const words = Object.entries(filter).flatMap(([name, value]) => describe(name, value));
  return words.length > 0 ? words.join(', ') : 'all dead letters';
}

function describe(name: string, value: unknown): readonly string[] {
  if (name === 'id' && Array.isArray(value)) {
    return [value.length > FEW ? `${value.length} deliveries, chosen one by one` : value.join(' and ')];
  }
  if (name === 'having' && Array.isArray(value)) {
    return value.map((term: { name: string; value: string }) => `${term.name} = ${term.value}`);
  }
  const label = isFilterName(name) ? filterField(name).label : name;
  return [`${label} ${describeValue(name, String(value))}`];
}

const isFilterName = (name: string): name is FilterName => FILTER_NAMES.some((known) => known === name);

const kindOf = (name: string) => (isFilterName(name) ? filterField(name).kind : undefined);
