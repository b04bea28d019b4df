import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DEAD_REASONS, type DeadReason, type FailureDetail } from './outcome.ts';
import { parseOrUndefined } from './parse-json.ts';

/**
 * Where a dead letter came from. It is stored with the failure, so that a search need not read 8 kB of data: to find
 * 1,000 of 100,000 takes 22 s with the data and 0.5 s without.
 */
export interface FailureSource {
  readonly connection: string;
  readonly source: string;
  readonly topic: string;
  /** Name of the event that the delivery was to become, if known. */
  readonly event?: string;
}

/** Why a delivery is dead. */
export interface Failure {
  readonly reason: DeadReason;
  readonly detail: FailureDetail;
  /** Absent if BullMQ failed the job, or if the delivery died before sources were stored. */
  readonly origin?: FailureSource;
  /** Shared by all dead letters with the same cause. */
  readonly group?: string;
}

/** The group of dead letters that have none: they died before there were groups, or BullMQ failed the job. */
export const OTHER_GROUP = 'other';

/** How a stored failure starts. Scripts recognize it by this as well. */
const START = '{"reason":"';

const storedFailure = z.object({
  reason: z.enum(DEAD_REASONS),
  group: z.string().optional(),
  origin: z
    .object({ connection: z.string(), source: z.string(), topic: z.string(), event: z.string().optional() })
    .optional(),
  detail: z.object({
    /** Written by earlier versions only. */
    message: z.string().optional(),
    issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    status: z.number().optional(),
    type: z.string().optional(),
    errorId: z.string().optional(),
    eventId: z.string().optional(),
  }),
});

/** A failure as it is stored with its job. */
export interface WrittenFailure {
  /** BullMQ's `failedReason`: plain text. */
  readonly message: string;
  /** `DELIVERY_FIELDS.failure`: JSON of the rest. */
  readonly failure: string;
}

/** Writes a failure. A message that starts like the failed reasons of earlier versions gets a space in front. */
export function writeFailure(
  reason: DeadReason,
  { message, ...rest }: FailureDetail,
  origin?: FailureSource,
): WrittenFailure {
  const group = fingerprint({ reason, detail: { message, ...rest }, ...(origin ? { origin } : {}) });
  return {
    message: message.startsWith(START) ? ` ${message}` : message,
    // Scripts search for the first properties; the texts of the last may contain anything.
    failure: JSON.stringify({ reason, group, origin, detail: rest }),
  };
}

type Stored = string | null | undefined;

/**
 * Reads a failure from the fields of its job. BullMQ itself fails a job that stalled too often, because the worker died
 * each time, and writes its own words: that is `crashed`.
 */
export function readFailure(failure: Stored, failedReason: Stored): Failure {
  const message = failedReason ?? '';
  const { data } = storedFailure.safeParse(parseOrUndefined(storedFailureOf(failure, failedReason)));
  if (!data) return { reason: 'crashed', detail: { message } };
  return { ...data, detail: { message, ...data.detail } } as Failure;
}

/**
 * Returns the stored failure among the fields of its job. Earlier versions wrote all of it as the failed reason; a job
 * that BullMQ failed has only BullMQ's words. `bullmq/lua/groups.lua` does the same.
 */
export function storedFailureOf(failure: Stored, failedReason: Stored): string {
  return failedReason?.startsWith(START) ? failedReason : failure || (failedReason ?? '');
}

/** A job of the queue, with data that may be invalid. */
interface JobLike {
  readonly name: string;
  readonly data: unknown;
}

/** Returns where the delivery of a job came from. Properties that its data does not have are empty. */
export function failureSourceOf({ name, data }: JobLike, event?: string): FailureSource {
  const fields = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    connection: text(fields.connection),
    source: text(fields.source),
    topic: name,
    ...(event === undefined ? {} : { event }),
  };
}

/** Parts of messages that differ between dead letters of the same cause: quoted texts, addresses, ids, numbers. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/"[^"]{0,200}"|'[^']{0,200}'|`[^`]{0,200}`/g, '…'],
  [/\S{1,64}@\S{1,255}/g, '@'],
  [/\b[0-9a-f]{8}-[0-9a-f-]{27}\b/gi, '#'],
  [/\b\w*\d\w*\b/g, '#'],
];

/** Most characters of a message that count; its beginning names the problem. */
const MAX_LENGTH = 300;

/** Issues that count; the others depend on the first. */
const MAX_ISSUES = 3;

/**
 * Returns the group of a failure. Dead letters of one group have the same connection, topic, event, reason, status,
 * type, and message without varying parts. Where a schema failed, its issues are the message, at any index of a list.
 *
 * @returns 16 hex digits: no two of a million groups collide
 */
export function fingerprint({ reason, detail, origin }: Omit<Failure, 'group'>): string {
  const { message, issues, status = 0, type = '' } = detail;
  const cause = issues?.length
    ? issues
        .slice(0, MAX_ISSUES)
        .map((issue) => `${issue.path.replace(/\d+/g, '#')}: ${normalize(issue.message)}`)
    : [normalize(message)];
  const { connection = '', topic = '', event = '' } = origin ?? {};
  const parts = [connection, topic, event, reason, status, type, ...cause];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Replaces the varying parts of a message. */
function normalize(message: string): string {
  return VARYING.reduce((text, [pattern, mark]) => text.replace(pattern, mark), message.slice(0, MAX_LENGTH));
}
