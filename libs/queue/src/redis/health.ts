import type { RedisConnection } from './connect.ts';

/** Memory and persistence of a Redis that holds the queue. */
export interface RedisHealth {
  readonly usedBytes: number;
  /** 0 without a limit. */
  readonly maxBytes: number;
  /** A 2xx response means "on disk" only if all of these are true. */
  readonly persistence: {
    /** The append-only file is enabled. */
    readonly append_only: boolean;
    /** The last write to the file succeeded. */
    readonly last_write: boolean;
    /** The last rewrite of the file succeeded. */
    readonly last_rewrite: boolean;
  };
  readonly appendOnlyBytes: number;
}

/**
 * Reads the health in one round trip, about 0.2 ms of Redis' time.
 *
 * @param key any key of the queue; a cluster's node that has it is read
 */
export async function readRedisHealth(redis: RedisConnection, key: string): Promise<RedisHealth> {
  const replies = await redis.pipeline().info('memory').info('persistence').exists(key).exec();
  const [memory = '', persistence = ''] = (replies ?? []).map(([error, reply]) => {
    if (error) throw error;
    return String(reply);
  });
  const of = (text: string, field: string) => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? '';
  return {
    usedBytes: Number(of(memory, 'used_memory')),
    maxBytes: Number(of(memory, 'maxmemory')),
    persistence: {
      append_only: of(persistence, 'aof_enabled') === '1',
      last_write: of(persistence, 'aof_last_write_status') === 'ok',
      last_rewrite: of(persistence, 'aof_last_bgrewrite_status') === 'ok',
    },
    appendOnlyBytes: Number(of(persistence, 'aof_current_size')),
  };
}

/** Merges the health of several: the memory of the fullest, and every problem of any. */
export function mergeHealth(parts: readonly RedisHealth[]): RedisHealth {
  const fullness = ({ usedBytes, maxBytes }: RedisHealth) => (maxBytes > 0 ? usedBytes / maxBytes : 0);
  const fullest = parts.reduce((one, other) => (fullness(other) > fullness(one) ? other : one));
  const all = (check: keyof RedisHealth['persistence']) =>
    parts.every(({ persistence }) => persistence[check]);
  return {
    ...fullest,
    persistence: {
      append_only: all('append_only'),
      last_write: all('last_write'),
      last_rewrite: all('last_rewrite'),
    },
    appendOnlyBytes: Math.max(...parts.map(({ appendOnlyBytes }) => appendOnlyBytes)),
  };
}
