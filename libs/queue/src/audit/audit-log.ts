import type { Redis } from 'ioredis';
import { connectProducer, type RedisConnectionOptions, reachedOf } from '../connect-redis.ts';
import { auditKey } from '../gate/gate-keys.ts';
import { type AuditEntry, appendAuditLine } from './append-audit-line.ts';

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
  /** Resolves when Redis has been reached; never rejects. What is asked before fails. */
  readonly reached: Promise<void>;
  /** Writes a line. It stands when this resolves. */
  append(entry: AuditEntry): Promise<void>;
  /** Reads a page of at most `limit` lines; `cursor` is `next` of the page before. */
  read(page: { readonly limit: number; readonly cursor?: string | undefined }): Promise<AuditPage>;
  close(): Promise<void>;
}

/** Opens the audit stream; a Redis that is down makes what is asked fail, not wait. */
export function openAuditLog(options: RedisConnectionOptions & { readonly prefix: string }): AuditLog {
  const redis = connectProducer(options);
  const key = auditKey(options.prefix);
  return {
    reached: reachedOf(redis),
    append: (entry) => appendAuditLine(redis, key, entry),
    read: (page) => read(redis, key, page),
    close: async () => redis.disconnect(),
  };
}

async function read(
  redis: Redis,
  key: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<AuditPage> {
  // One more than asked for says whether there are more.
  const from = cursor === undefined ? '+' : `(${cursor}`;
  const rows = await redis.xrevrange(key, from, '-', 'COUNT', limit + 1);
  const lines = rows.slice(0, limit).map(([id, flat]) => toLine(id, flat));
  const last = lines.at(-1);
  return rows.length > limit && last ? { lines, next: last.id } : { lines };
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
