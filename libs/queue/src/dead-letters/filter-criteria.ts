import type { DeadLetterFilter, PayloadTerm } from './filter-schema.ts';
import { hashesOf } from './filter-sieve.ts';

/**
 * A filter as the scripts read it. The reason of a dead letter is JSON of our own whose names stand in one place each,
 * and quotes within its texts are escaped: a name with its value can be looked for as plain text, which takes a tenth
 * of the time that decoding takes.
 */
export interface Criteria {
  readonly reason?: string;
  readonly group?: string;
  readonly replay?: string;
  /** Of where it came from. */
  readonly origin: readonly string[];
  /** The same for what tells no origin, in BullMQ's words: in the options of its job, its name, in its data. */
  readonly connection?: string;
  readonly topic?: string;
  readonly source?: string;
  /** Such a one does not fit. */
  readonly event?: true;
  /** Of why it died; of several any. */
  readonly detail: readonly (readonly string[])[];
  /** In lower case: what of the text is plain ASCII and needs no escape. */
  readonly text?: string;
  /** Of the payload: what of a value needs no escape, and its hashes in the sieve. */
  readonly having: readonly { readonly needle: string; readonly hashes: readonly number[] }[];
}

/** Makes of a filter what the scripts are told. */
export function toCriteria(filter: DeadLetterFilter): Criteria {
  const { connection, source, topic, event, reason, group, replay, type, status, text } = filter;
  const plain = longestRun((text ?? '').toLowerCase(), PLAIN);
  const marks = Object.entries({ connection, source, topic, event });
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(group === undefined ? {} : { group }),
    ...(replay === undefined ? {} : { replay }),
    origin: marks.flatMap(([name, value]) => (value === undefined ? [] : [shortMarkOf(name, value)])),
    ...(connection === undefined ? {} : { connection: markOf('connection', connection) }),
    ...(topic === undefined ? {} : { topic }),
    ...(source === undefined ? {} : { source: markOf('source', source) }),
    ...(event === undefined ? {} : { event: true }),
    detail: [
      ...(type === undefined ? [] : [[shortMarkOf('type', type)]]),
      ...(status === undefined
        ? []
        : [[`${shortMarkOf('status', status)},`, `${shortMarkOf('status', status)}}`]]),
    ],
    ...(plain === '' ? {} : { text: plain }),
    having: toHaving(filter.having ?? []),
  };
}

/** What a script is told of values in payloads. */
function toHaving(terms: readonly PayloadTerm[]): Criteria['having'] {
  return terms.map(({ value }) => ({ needle: longestRun(value, SAFE), hashes: hashesOf(value) }));
}

/** Whether the script's word on the text is the last: there is nothing but what it looks for. */
export const isExactText = (text: string): boolean =>
  longestRun(text.toLowerCase(), PLAIN) === text.toLowerCase();

const markOf = (name: string, value: string | number) => `"${name}":${JSON.stringify(value)}`;

/** Without its first quote: letters are fewer, and so found faster. No name there ends as another one. */
const shortMarkOf = (name: string, value: string | number) => markOf(name, value).slice(1);

/** What no JSON has to escape; ASCII, whose lower case Redis knows. */
const PLAIN = /[ !#-[\]-~]+/g;

/** What nobody escapes, in a body that is JSON within JSON. */
const SAFE = /[A-Za-z0-9_.@+-]+/g;

/** Empty if there is none. */
function longestRun(text: string, of: RegExp): string {
  return (text.match(of) ?? []).reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}
