import { AUDIT_LINES, auditKey } from '../keys.ts';
import type { RedisConnection } from '../redis/connect.ts';
import type { Shards } from '../sharding/across-shards.ts';
import type { Shard } from '../sharding/shard.ts';

/** A line of the audit stream. */
export interface AuditLine {
  /** Of the stream. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly action: string;
  /** An operator, or Sluice itself: `operator`, `refusals`, … */
  readonly by: string;
  readonly who?: string;
  readonly reason?: string;
  /** Whatever else the line tells, as it was written. */
  readonly about: Readonly<Record<string, string>>;
}

export interface AuditPage {
  /** The newest first. */
  readonly lines: readonly AuditLine[];
  /** Where the next page begins; undefined after the last. */
  readonly next?: string;
}

/** The stream of what operators did, and of holds. */
export interface AuditLog {
  /** Writes a line. It stands when this resolves. */
  append(entry: AuditEntry): Promise<void>;
  /** Reads a page of at most `limit` lines; `cursor` is `next` of the page before. */
  read(page: { readonly limit: number; readonly cursor?: string | undefined }): Promise<AuditPage>;
}

/** Returns the audit streams of all shards as one log. Every method rejects while Redis is down. */
export function createAuditLog(shards: Shards): AuditLog {
  return {
    async append(entry) {
      const [first] = shards.all();
      if (first) await appendAuditLine(first.redis, auditKey(first.prefix), entry);
    },
    read: (page) => read(shards.all(), page),
  };
}

/** Lines of one millisecond may have the same id in two streams, so that ids are compared and then streams. */
async function read(
  shards: readonly Shard[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<AuditPage> {
  const after = cursor === undefined ? undefined : readPlace(cursor);
  const pages = await Promise.all(
    shards.map(({ redis, prefix }, stream) =>
      redis.xrevrange(auditKey(prefix), boundOf(after, stream), '-', 'COUNT', limit + 1),
    ),
  );
  const rows = pages
    .flatMap((page, stream) => page.map(([id, flat]) => ({ id, flat, stream })))
    .sort((one, other) => compareIds(other.id, one.id) || one.stream - other.stream);
  const told = rows.slice(0, limit);
  const lines = told.map(({ id, flat }) => toLine(id, flat));
  const last = told.at(-1);
  return rows.length > limit && last ? { lines, next: writePlace(last) } : { lines };
}

/** Where a page ended: the id of a line, and the stream that it is of. */
interface LinePlace {
  readonly id: string;
  readonly stream: number;
}

function writePlace({ id, stream }: LinePlace): string {
  return stream === 0 ? id : `${id}.${stream}`;
}

function readPlace(cursor: string): LinePlace {
  const [id = '', stream = '0'] = cursor.split('.');
  return { id, stream: Number(stream) };
}

/** From where a stream is read on: what another stream has of the same id comes after that of the first. */
function boundOf(after: LinePlace | undefined, stream: number): string {
  if (!after) return '+';
  return stream > after.stream ? after.id : `(${after.id}`;
}

function compareIds(one: string, other: string): number {
  const [oneTime = 0, oneNumber = 0] = one.split('-').map(Number);
  const [otherTime = 0, otherNumber = 0] = other.split('-').map(Number);
  return oneTime - otherTime || oneNumber - otherNumber;
}

function toLine(id: string, flat: readonly string[]): AuditLine {
  const fields: Record<string, string> = {};
  for (let index = 0; index < flat.length; index += 2) fields[flat[index] ?? ''] = flat[index + 1] ?? '';
  const { action = '', by = '', who, reason, at, ...about } = fields;
  return {
    id,
    // The id of a line begins with when Redis got it.
    at: Number(at ?? id.split('-')[0]),
    action,
    by,
    ...(who === undefined ? {} : { who }),
    ...(reason === undefined ? {} : { reason }),
    about,
  };
}

/** What somebody did that no script of ours does, which would tell it along. */
export interface AuditEntry {
  /** e.g. `reveal`. */
  readonly action: string;
  readonly who: string;
  readonly reason: string;
  /** What it was done to, by name: `delivery`, `replay`. */
  readonly about?: Readonly<Record<string, string>>;
}

/**
 * Writes a line into the audit stream. It stands when this resolves.
 *
 * @param key of the stream
 */
export async function appendAuditLine(
  redis: RedisConnection,
  key: string,
  { action, who, reason, about = {} }: AuditEntry,
): Promise<void> {
  const fields = { action, by: 'operator', who, reason, ...about, at: String(Date.now()) };
  await redis.xadd(key, 'MAXLEN', '~', AUDIT_LINES, '*', ...Object.entries(fields).flat());
}
