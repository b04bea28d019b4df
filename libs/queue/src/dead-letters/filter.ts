import { z } from 'zod';
import { hashesOf } from '../records/bloom-filter.ts';
import { DEAD_REASONS } from '../records/failure.ts';
import type { DeadReason } from '../records/outcome.ts';

/**
 * Which dead letters: those that fit all that is given; without anything, all. The mapper of a delivery is that of its
 * event, so "by mapper" is `event`.
 */
export interface DeadLetterFilter {
  /** Of deliveries, at most 1,000: nothing else is looked at. What is not dead, or gone, is not found. */
  readonly ids?: readonly string[];
  readonly connection?: string;
  readonly source?: string;
  readonly topic?: string;
  /** Name of the event that it was to become. */
  readonly event?: string;
  readonly reason?: DeadReason;
  /** Of one cause, as `readGroups` tells them. */
  readonly group?: string;
  /** Put back by that replay and dead again, unless another has put it back since. */
  readonly replay?: string;
  /** Botpress' word for the error, e.g. `InvalidPayload`. */
  readonly type?: string;
  /** HTTP status that Botpress answered. */
  readonly status?: number;
  /** Died at or after, and at or before, in milliseconds since the epoch. */
  readonly from?: number;
  readonly to?: number;
  /** Stands in the message or in an issue, in upper or lower case. */
  readonly text?: string;
  /** Values in the payload, all of them. */
  readonly having?: readonly PayloadTerm[];
}

/** A value in a payload: under a name that the source knows, at a dotted path, or of any property of that name. */
export interface PayloadTerm {
  readonly name: string;
  /** Compared as text, exactly. */
  readonly value: string;
}

const name = z.string().min(1).max(200);
const moment = z.int().min(0);

/** Checks a term on a payload. */
export const payloadTerm = z.strictObject({ name, value: z.string().min(1).max(500) });

/** Terms that one search may have, and ids that one filter may. */
export const MAX_TERMS = 5;
export const MAX_IDS = 1_000;

/** Checks what is to be the id of a delivery. */
export const deliveryId = z.string().regex(/^dlv_[\w-]{1,100}$/, 'is no id of a delivery, dlv_…');

/** Reads `name=value`, unchecked; the value may have more of them. */
export function toTerm(text: string): PayloadTerm {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, value: '' } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** Checks a filter that came from outside. */
export const deadLetterFilter: z.ZodType<DeadLetterFilter> = z.strictObject({
  ids: z.array(deliveryId).max(MAX_IDS).exactOptional(),
  connection: name.exactOptional(),
  source: name.exactOptional(),
  topic: name.exactOptional(),
  event: name.exactOptional(),
  reason: z.enum(DEAD_REASONS).exactOptional(),
  group: z
    .string()
    .regex(/^(?:[0-9a-f]{16}|other)$/, 'is no group: 16 hex digits, or other')
    .exactOptional(),
  replay: z
    .string()
    .regex(/^rpl_[\w-]{1,100}$/, 'is no id of a replay, rpl_…')
    .exactOptional(),
  type: name.exactOptional(),
  status: z.int().min(100).max(599).exactOptional(),
  from: moment.exactOptional(),
  to: moment.exactOptional(),
  text: z.string().min(1).max(200).exactOptional(),
  having: z.array(payloadTerm).max(MAX_TERMS).exactOptional(),
});

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
