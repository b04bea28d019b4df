import type { DELIVERY_FIELDS, JOB_FIELDS } from '../bullmq/layout.ts';
import { DEAD_REASONS, type DeadReason } from '../records/outcome.ts';

/**
 * The filter of dead letters, defined once. The CLI options, the query parameters and bodies of the API, the filters of
 * the console page, `docs/reference/dead-letter-filters.md` and the criteria of the search scripts are made from
 * `FILTER_FIELDS`. Browsers import this file, so it imports nothing but types and constants.
 *
 * A dead letter matches if it matches all fields that are set; the empty filter matches all dead letters.
 */
export const FILTER_FIELDS = {
  connection: {
    ...{ kind: 'name', argument: 'id', label: 'connection', help: 'connection', example: 'acme-shop' },
    ...{ match: 'source', isShared: true },
  },
  source: {
    ...{ kind: 'name', argument: 'source', label: 'source', help: 'source', example: 'shopify' },
    match: 'source',
  },
  topic: {
    ...{ kind: 'name', argument: 'topic', label: 'topic', help: 'topic', example: 'orders/create' },
    ...{ match: 'source', isShared: true },
  },
  // The mapper of a delivery is that of its event, so a search by mapper is a search by event.
  event: {
    ...{ kind: 'name', argument: 'event', label: 'event', help: 'event', example: 'newOrderCreated' },
    ...{ match: 'source', isShared: true },
  },
  reason: {
    ...{ kind: 'reason', argument: 'reason', label: 'reason', help: 'reason of the failure' },
    ...{ example: 'rejected', match: 'reason', isShared: true },
  },
  group: {
    ...{ kind: 'group', argument: 'group', label: 'group', help: 'failure group' },
    ...{ example: '0a1b2c3d4e5f6789', match: 'group', isShared: true },
  },
  replay: {
    ...{ kind: 'replay', argument: 'id', label: 'replay', help: 'failed again after this replay' },
    ...{ example: 'rpl_…', match: { field: 'replay' } },
  },
  type: {
    ...{ kind: 'name', argument: 'type', label: 'error type', help: 'error type from Botpress' },
    ...{ example: 'InvalidPayload', match: 'detail', isShared: true },
  },
  status: {
    ...{ kind: 'integer', min: 100, max: 599, argument: 'code', label: 'HTTP status' },
    ...{ help: 'HTTP status from Botpress', example: '400', match: 'detail', isShared: true },
  },
  attempts: {
    ...{ kind: 'integer', min: 1, max: 1_000_000, argument: 'n', label: 'attempts, at least' },
    ...{ help: 'minimum number of attempts', example: '5', match: { field: 'attemptsMade' } },
  },
  since: {
    ...{ kind: 'moment', argument: 'time', label: 'failed since', help: 'earliest time of failure' },
    ...{ example: '2h or 2026-11-25T03:00Z', match: 'time', storedAs: 'from' },
  },
  until: {
    ...{ kind: 'moment', argument: 'time', label: 'failed until', help: 'latest time of failure' },
    ...{ example: '2h or 2026-11-25T03:00Z', match: 'time', storedAs: 'to' },
  },
  text: {
    ...{ kind: 'text', argument: 'text', label: 'text', example: 'no such customer', match: 'message' },
    help: 'text in the message or an issue, case-insensitive',
  },
  having: {
    ...{ kind: 'term', argument: 'name=value', label: 'payload', help: 'payload value' },
    ...{ example: 'order_id=1042', match: 'payload' },
  },
  id: {
    ...{ kind: 'delivery', argument: 'id...', label: 'delivery', help: 'delivery id' },
    ...{ example: 'dlv_…', match: 'id', storedAs: 'ids' },
  },
} as const satisfies Readonly<Record<string, FilterField>>;

/** One field of the filter. */
export interface FilterField {
  /** How values are written and checked. */
  readonly kind: keyof KindValues;
  /** Limits of an `integer`. */
  readonly min?: number;
  readonly max?: number;
  /** Name of the value in the usage of the CLI option. */
  readonly argument: string;
  /** What the console page calls it. */
  readonly label: string;
  /** A noun phrase for the CLI, the API and the reference. */
  readonly help: string;
  readonly example: string;
  readonly match: Match;
  /** Part of the fingerprint: all dead letters of a group have the same value. */
  readonly isShared?: true;
  /** Name in stored replays, where it is another: earlier versions named it so. */
  readonly storedAs?: string;
}

/**
 * What a value is compared with: the property of that name of the failure's source or detail, the failure's reason or
 * group, a field of the job (of a number, at least that number), the time of the failure, its message and issues, the
 * payload, or the id.
 */
export type Match =
  | 'source'
  | 'detail'
  | 'reason'
  | 'group'
  | { readonly field: keyof typeof DELIVERY_FIELDS | keyof typeof JOB_FIELDS }
  | 'time'
  | 'message'
  | 'payload'
  | 'id';

/** The values of each kind. */
interface KindValues {
  readonly name: string;
  readonly reason: DeadReason;
  readonly group: string;
  readonly replay: string;
  readonly integer: number;
  /** Milliseconds since the epoch; the bounds are inclusive. */
  readonly moment: number;
  readonly text: string;
  /** All of them are in the payload. */
  readonly term: readonly PayloadTerm[];
  /** Only these deliveries are looked at. */
  readonly delivery: readonly string[];
}

/** A payload value: under a name that the source defines, at a dotted path, or of any property of that name. */
export interface PayloadTerm {
  readonly name: string;
  /** Compared as text, exactly. */
  readonly value: string;
}

export type FilterName = keyof typeof FILTER_FIELDS;

export type DeadLetterFilter = {
  readonly [Name in FilterName]?: KindValues[(typeof FILTER_FIELDS)[Name]['kind']];
};

export const FILTER_NAMES = Object.keys(FILTER_FIELDS) as readonly FilterName[];

/** Returns a field by its name, without the literal types of the table. */
export const filterField = (name: FilterName): FilterField => FILTER_FIELDS[name];

/** Limits of a search: payload values, and delivery ids. */
export const MAX_TERMS = 5;
export const MAX_IDS = 1_000;

/** Most values that a field may have, by kind; others have one. */
const MAX_VALUES: Readonly<Partial<Record<keyof KindValues, number>>> = {
  term: MAX_TERMS,
  delivery: MAX_IDS,
};

/** Returns how many values a field may have; undefined if it has one. */
export const maxValuesOf = (name: FilterName): number | undefined => MAX_VALUES[filterField(name).kind];

/** Returns the values that a field may have, where they are a closed list. */
export const choicesOf = (name: FilterName): readonly string[] | undefined =>
  filterField(name).kind === 'reason' ? DEAD_REASONS : undefined;

/** Returns whether values are numbers: they are digits in a query or on a command line. */
export function isNumeric(name: FilterName): boolean {
  const { kind } = filterField(name);
  return kind === 'integer' || kind === 'moment';
}

/** Splits `name=value` at the first equals sign. The result is not validated. */
export function toTerm(text: string): PayloadTerm {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, value: '' } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

/**
 * Makes a filter from texts, as in a query string. The result is not validated: where a number is expected, any
 * other text stays a text.
 *
 * @param textsOf the texts given for a field, if any
 */
export function filterFromTexts(
  textsOf: (name: FilterName) => readonly string[],
): Partial<Record<FilterName, unknown>> {
  const filter: Partial<Record<FilterName, unknown>> = {};
  for (const name of FILTER_NAMES) {
    const texts = textsOf(name);
    if (texts.length > 0) filter[name] = fromTexts(name, texts);
  }
  return filter;
}

function fromTexts(name: FilterName, texts: readonly string[]): unknown {
  const [text = ''] = texts;
  if (filterField(name).kind === 'term') return texts.map(toTerm);
  if (maxValuesOf(name) !== undefined) return texts;
  return isNumeric(name) && /^\d{1,16}$/.test(text) ? Number(text) : text;
}
