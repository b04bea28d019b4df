import { AUDIT_LINES, auditKey } from '../keys.ts';
import type { RedisConnection } from '../redis/connect.ts';
import type { Shards } from '../sharding/across-shards.ts';
import type { Shard } from '../sharding/shard.ts';

/** An entry of the audit stream. */
export interface AuditLine {
  /** Id of the entry in its stream. */
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly action: string;
  /** An operator, or Sluice itself: `operator`, `refusals`, … */
  readonly by: string;
  readonly who?: string;
  readonly reason?: string;
  /** The other fields of the entry, as written. */
  readonly about: Readonly<Record<string, string>>;
}

export interface AuditPage {
  /** Newest first. */
  readonly lines: readonly AuditLine[];
  /** Cursor of the next page; undefined after the last. */
  readonly next?: string;
}

/** The log of operators' actions, holds and releases. */
export interface AuditLog {
  /** Writes an entry; resolves when it is stored. */
  append(entry: AuditEntry): Promise<void>;
  /** Reads a page of at most `limit` entries; `cursor` is `next` of the previous page. */
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

/** Merges the streams. Entries of two streams may have the same id, so entries are ordered by id, then by stream. */
async function read(
  shards: readonly Shard[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<AuditPage> {
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const pages = await Promise.all(
    shards.map(({ redis, prefix }, stream) =>
      redis.xrevrange(auditKey(prefix), boundOf(after, stream), '-', 'COUNT', limit + 1),
    ),
  );
  const rows = pages
    .flatMap((page, stream) => page.map(([id, flat]) => ({ id, flat, stream })))
    .sort((one, other) => compareIds(other.id, one.id) || one.stream - other.stream);
  const selected = rows.slice(0, limit);
  const lines = selected.map(({ id, flat }) => toLine(id, flat));
  const last = selected.at(-1);
  return rows.length > limit && last ? { lines, next: writeCursor(last) } : { lines };
}

/** The last entry of a page: its id and its stream. */
interface Position {
  readonly id: string;
  readonly stream: number;
}

function writeCursor({ id, stream }: Position): string {
  return stream === 0 ? id : `${id}.${stream}`;
}

function readCursor(cursor: string): Position {
  const [id = '', stream = '0'] = cursor.split('.');
  return { id, stream: Number(stream) };
}

/** Returns where a stream continues: of entries with the same id, those of later streams come after. */
function boundOf(after: Position | undefined, stream: number): string {
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
    // The id starts with the time at which Redis stored the entry.
    at: Number(at ?? id.split('-')[0]),
    action,
    by,
    ...(who === undefined ? {} : { who }),
    ...(reason === undefined ? {} : { reason }),
    about,
  };
}

/** An action that no script carries out, so that no script logs it. */
export interface AuditEntry {
  /** For example `reveal`. */
  readonly action: string;
  readonly who: string;
  readonly reason: string;
  /** The subjects of the action, by kind: `delivery`, `replay`. */
  readonly about?: Readonly<Record<string, string>>;
}

/**
 * Writes an entry to the audit stream; resolves when it is stored.
 *
 * @param key key of the stream
 */
export async function appendAuditLine(
  redis: RedisConnection,
  key: string,
  { action, who, reason, about = {} }: AuditEntry,
): Promise<void> {
  const fields = { action, by: 'operator', who, reason, ...about, at: String(Date.now()) };
  await redis.xadd(key, 'MAXLEN', '~', AUDIT_LINES, '*', ...Object.entries(fields).flat());
}
