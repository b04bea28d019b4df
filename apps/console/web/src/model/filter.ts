import {
  type DeadLetterFilter,
  FILTER_NAMES,
  type FilterName,
  filterField,
  filterFromTexts,
} from '@sluice/queue/filter';
import { formatTime } from './format.ts';
import { reasonLabel } from './labels.ts';

/** A filter of dead letters as in API bodies; `{}` matches all. The API validates it. */
export type Filter = DeadLetterFilter;

/** Returns the filter parameters of a URL. */
export function filterParams(params: URLSearchParams): URLSearchParams {
  const filter = new URLSearchParams();
  for (const name of FILTER_NAMES) for (const value of params.getAll(name)) filter.append(name, value);
  return filter;
}

/** Converts URL parameters to the filter of an API body. */
export const filterOf = (params: URLSearchParams): Filter =>
  filterFromTexts((name) => params.getAll(name)) as Filter;

/** Returns the selection of an API body. Selecting all dead letters must be explicit. */
export const selectionOf = (filter: Filter) =>
  Object.keys(filter).length > 0 ? { filter } : ({ all: true } as const);

/** Formats one value of a filter. */
export function describeValue(name: string, value: string): string {
  if (kindOf(name) === 'moment' && /^\d+$/.test(value)) return formatTime(Number(value));
  return name === 'reason' ? reasonLabel(value) : value;
}

/** Number of ids that are listed; longer lists are counted. */
const MAX_LISTED = 2;

/** Describes a filter for people. */
export function describeFilter(filter: Filter): string {
  const words = Object.entries(filter).flatMap(([name, value]) => describe(name, value));
  return words.length > 0 ? words.join(', ') : 'all dead letters';
}

function describe(name: string, value: unknown): readonly string[] {
  if (name === 'id' && Array.isArray(value)) {
    return [value.length > MAX_LISTED ? `${value.length} selected deliveries` : value.join(' and ')];
  }
  if (name === 'having' && Array.isArray(value)) {
    return value.map((term: { name: string; value: string }) => `${term.name} = ${term.value}`);
  }
  const label = isFilterName(name) ? filterField(name).label : name;
  return [`${label} ${describeValue(name, String(value))}`];
}

const isFilterName = (name: string): name is FilterName => FILTER_NAMES.some((known) => known === name);

const kindOf = (name: string) => (isFilterName(name) ? filterField(name).kind : undefined);
