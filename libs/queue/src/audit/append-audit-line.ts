import type { RedisConnection } from '../connect-redis.ts';
import { AUDIT_LINES } from '../gate/gate-keys.ts';

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
