import type { DeadLetterFilter } from '@sluice/queue';
import { formatMoment } from './format.ts';
import { nameOfReason } from './labels.ts';

/** A filter of dead letters, as bodies of the API have it; `{}` is all of them. What is wrong in it the API tells. */
export type Filter = DeadLetterFilter;

/** The parameters of a filter, as the API and this page’s address name them, and what people call them. */
export const FILTER_FIELDS = {
  connection: 'connection',
  source: 'source',
  topic: 'topic',
  event: 'event',
  reason: 'reason',
  group: 'group',
  replay: 'dead again, put back by',
  type: 'Botpress’ error type',
  status: 'Botpress’ status',
  from: 'died at or after',
  to: 'died at or before',
  having: 'payload has',
  id: 'delivery',
  text: 'text',
} as const satisfies Record<Exclude<keyof Filter, 'ids'> | 'id', string>;

export type FilterField = keyof typeof FILTER_FIELDS;

export const filterFields = Object.keys(FILTER_FIELDS) as readonly FilterField[];

const NUMBERS: ReadonlySet<string> = new Set(['status', 'from', 'to']);

/** Of an address, what belongs to the filter. */
export function filterParams(params: URLSearchParams): URLSearchParams {
  const kept = new URLSearchParams();
  for (const name of filterFields) for (const value of params.getAll(name)) kept.append(name, value);
  return kept;
}

/** Makes the filter for a body out of an address. */
export function filterOf(params: URLSearchParams): Filter {
  const filter: Record<string, unknown> = {};
  for (const name of filterFields) {
    const [value, ...more] = params.getAll(name);
    if (value === undefined) continue;
    if (name === 'id') filter.ids = [value, ...more];
    else if (name === 'having') filter.having = [value, ...more].map(toTerm);
    else filter[name] = NUMBERS.has(name) && /^\d+$/.test(value) ? Number(value) : value;
  }
  return filter;
}

function toTerm(text: string) {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, value: '' } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** How the API wants to be told which: all of them only by name. */
export const selectionOf = (filter: Filter) =>
  Object.keys(filter).length > 0 ? { filter } : ({ all: true } as const);

/** One value of a filter, as people read it. */
export function describeValue(name: string, value: string): string {
  if ((name === 'from' || name === 'to') && /^\d+$/.test(value)) return formatMoment(Number(value));
  return name === 'reason' ? nameOfReason(value) : value;
}

/** Ids told one by one; of more only how many. */
const FEW = 2;

/** A filter in words. */
export function describeFilter(filter: Filter): string {
  const words = Object.entries(filter).flatMap(([name, value]) => describe(name, value));
  return words.length > 0 ? words.join(', ') : 'all dead letters';
}

function describe(name: string, value: unknown): readonly string[] {
  if (name === 'ids' && Array.isArray(value)) {
    return [value.length > FEW ? `${value.length} deliveries, chosen one by one` : value.join(' and ')];
  }
  if (name === 'having' && Array.isArray(value)) {
    return value.map((term: { name: string; value: string }) => `${term.name} = ${term.value}`);
  }
  const title = name in FILTER_FIELDS ? FILTER_FIELDS[name as FilterField] : name;
  return [`${title} ${describeValue(name, String(value))}`];
}
