import { DELIVERY_FIELDS, JOB_FIELDS } from '../bullmq/layout.ts';
import { hashesOf } from '../records/bloom-filter.ts';
import { type DeadLetterFilter, FILTER_NAMES, filterField, type PayloadTerm } from './filter.ts';

/**
 * A filter as the search scripts read it. The stored failure is JSON written by Sluice, in which each name is in one
 * place and quotes within texts are escaped. So a name with its value can be found as plain text, which takes a tenth
 * of the time that decoding takes.
 */
export interface Criteria {
  readonly reason?: string;
  readonly group?: string;
  /** Fields of the job: equal to the value, or at least the number. */
  readonly fields: readonly { readonly name: string; readonly is?: string; readonly min?: number }[];
  /** Marks of the failure's source. */
  readonly source: readonly string[];
  /** Marks for a failure without source, in BullMQ's words: in the options of its job, its name, its data. */
  readonly without: { readonly opts?: string; readonly name?: string; readonly data?: string };
  /** Whether such a failure cannot match. */
  readonly needsSource: boolean;
  /** Marks of the failure's detail: any of each list. */
  readonly detail: readonly (readonly string[])[];
  /** In lower case: the longest part of the text that is plain ASCII and needs no escape. */
  readonly text?: string;
  /** For each payload value: its longest part that needs no escape, and its hashes in the Bloom filter. */
  readonly having: readonly { readonly needle: string; readonly hashes: readonly number[] }[];
}

/** Returns the criteria of a filter. Times and ids are not among them: they select what the scripts look at. */
export function toCriteria(filter: DeadLetterFilter): Criteria {
  const { connection, topic, source, reason, group, having = [] } = filter;
  const text = longestRun((filter.text ?? '').toLowerCase(), PLAIN);
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(group === undefined ? {} : { group }),
    fields: fieldsOf(filter),
    source: setBy(filter, 'source').map(([name, value]) => shortMark(name, value)),
    without: {
      ...(connection === undefined ? {} : { opts: mark('connection', connection) }),
      ...(topic === undefined ? {} : { name: topic }),
      ...(source === undefined ? {} : { data: mark('source', source) }),
    },
    needsSource: setBy(filter, 'source').some(([name]) => !KNOWN_WITHOUT_SOURCE.has(name)),
    detail: setBy(filter, 'detail').map(([name, value]) => detailMarks(name, value)),
    ...(text === '' ? {} : { text }),
    having: having.map(toNeedle),
  };
}

/** Fields of the source that a job has as well. */
const KNOWN_WITHOUT_SOURCE: ReadonlySet<string> = new Set(['connection', 'topic', 'source']);

/** Returns the fields that are set and compared with one part of the failure. */
function setBy(filter: DeadLetterFilter, part: 'source' | 'detail'): readonly [string, string | number][] {
  return FILTER_NAMES.flatMap((name) => {
    const value = filter[name];
    return filterField(name).match === part && value !== undefined ? [[name, value as string | number]] : [];
  });
}

function fieldsOf(filter: DeadLetterFilter): Criteria['fields'] {
  return FILTER_NAMES.flatMap((name) => {
    const { match } = filterField(name);
    const value = filter[name];
    if (typeof match !== 'object' || value === undefined) return [];
    const field = { ...JOB_FIELDS, ...DELIVERY_FIELDS }[match.field];
    return [typeof value === 'number' ? { name: field, min: value } : { name: field, is: String(value) }];
  });
}

/** A number ends at the next property or at the end of the object. */
function detailMarks(name: string, value: string | number): readonly string[] {
  const found = shortMark(name, value);
  return typeof value === 'number' ? [`${found},`, `${found}}`] : [found];
}

function toNeedle({ value }: PayloadTerm): Criteria['having'][number] {
  return { needle: longestRun(value, SAFE), hashes: hashesOf(value) };
}

/** Returns whether the scripts decide alone about a text: they look for all of it. */
export const isExactText = (text: string): boolean =>
  longestRun(text.toLowerCase(), PLAIN) === text.toLowerCase();

const mark = (name: string, value: string | number) => `"${name}":${JSON.stringify(value)}`;

/** Without its first quote: letters are rarer, and so found faster. No name there ends with another name. */
const shortMark = (name: string, value: string | number) => mark(name, value).slice(1);

/** Characters that JSON never escapes; ASCII, whose lower case Redis knows. */
const PLAIN = /[ !#-[\]-~]+/g;

/** Characters that no serializer escapes, in a body that is JSON within JSON. */
const SAFE = /[A-Za-z0-9_.@+-]+/g;

/** Returns the longest match; empty if there is none. */
function longestRun(text: string, of: RegExp): string {
  return (text.match(of) ?? []).reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}
