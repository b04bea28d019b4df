import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DEAD_REASONS, type DeadReason, type FailureDetail } from './outcome.ts';
import { parseOrUndefined } from './parse-json.ts';

/**
 * Where a dead letter came from. It is told along with the reason, so that nobody has to read 8 kB of data to
 * know it: finding 1,000 of 100,000 takes 22 s with the data and 0.5 s without.
 */
export interface FailureSource {
  readonly connection: string;
  readonly source: string;
  readonly topic: string;
  /** Name of the event that it was to become, where that was known. */
  readonly event?: string;
}

/** Why a delivery died. */
export interface Failure {
  readonly reason: DeadReason;
  readonly detail: FailureDetail;
  /** Not told by those that BullMQ itself failed, nor by those that died before it was written down. */
  readonly origin?: FailureSource;
  /** Of dead letters of the same cause. */
  readonly group?: string;
}

const death = z.object({
  reason: z.enum(DEAD_REASONS),
  group: z.string().optional(),
  origin: z
    .object({ connection: z.string(), source: z.string(), topic: z.string(), event: z.string().optional() })
    .optional(),
  detail: z.object({
    message: z.string(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    status: z.number().optional(),
    type: z.string().optional(),
    errorId: z.string().optional(),
  }),
});

/** Writes why a delivery died, as the `failedReason` of its job. */
export function writeFailure(reason: DeadReason, detail: FailureDetail, origin?: FailureSource): string {
  const group = fingerprint({ reason, detail, ...(origin ? { origin } : {}) });
  // What Redis looks for comes first, for whatever comes after may hold anything.
  return JSON.stringify({ reason, group, origin, detail });
}

/**
 * Reads why a delivery died. BullMQ itself fails a job that stalled too often, that is whose process died
 * with it again and again, in words of its own: that is `crashed`.
 */
export function readFailure(failedReason: string): Failure {
  const read = death.safeParse(parseOrUndefined(failedReason));
  if (!read.success) return { reason: 'crashed', detail: { message: failedReason } };
  return read.data as Failure;
}

/** Tells where the delivery of a job came from, whatever its data look like; what they do not say is empty. */
export function failureSourceOf(
  { name, data }: { readonly name: string; readonly data: unknown },
  event?: string,
): FailureSource {
  const told = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    connection: text(told.connection),
    source: text(told.source),
    topic: name,
    ...(event === undefined ? {} : { event }),
  };
}

/** What differs from one dead letter to the next of the same cause: ids, numbers, what is quoted. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/"[^"]{0,200}"|'[^']{0,200}'|`[^`]{0,200}`/g, '…'],
  [/\S{1,64}@\S{1,255}/g, '@'],
  [/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/gi, '#'],
  [/\b\w*\d\w*\b/g, '#'],
];

/** Of a message; its beginning says what it is about. */
const MAX_LENGTH = 300;

/** The issues that count: with the first the others come and go. */
const ISSUES = 3;

/**
 * Tells which dead letters are one incident: same connection, topic, event, reason and status, and a message that
 * differs in nothing but ids, numbers and what it quotes. Where a schema said no, its issues are the message, whatever
 * place of a list they are at.
 *
 * @returns 16 hex digits: of a million groups no two collide
 */
export function fingerprint({ reason, detail, origin }: Omit<Failure, 'group'>): string {
  const { message, issues, status = 0, type = '' } = detail;
  const cause = issues?.length
    ? issues
        .slice(0, ISSUES)
        .map((issue) => `${issue.path.replace(/\d+/g, '#')}: ${normalise(issue.message)}`)
    : [normalise(message)];
  const { connection = '', topic = '', event = '' } = origin ?? {};
  const parts = [connection, topic, event, reason, status, type, ...cause];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** A message without what differs. */
function normalise(message: string): string {
  return VARYING.reduce((text, [what, mark]) => text.replace(what, mark), message.slice(0, MAX_LENGTH));
}
