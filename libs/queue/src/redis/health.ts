import type { RedisConnection } from './connect.ts';

/** How the Redis stands that holds the queue. */
export interface RedisHealth {
  readonly usedBytes: number;
  /** 0 if it has no limit. */
  readonly maxBytes: number;
  /** What must all be true for a 2xx to mean "on disk". */
  readonly persistence: {
    /** It writes what it is told into an append-only file. */
    readonly append_only: boolean;
    /** Its last write to that file went well. */
    readonly last_write: boolean;
    /** The file was made smaller without trouble, the last time that was tried. */
    readonly last_rewrite: boolean;
  };
  readonly appendOnlyBytes: number;
}

/**
 * Reads it in one round trip, some 0.2 ms of Redis'.
 *
 * @param key any of the queue's: of a cluster, the node is asked that has it
 */
export async function readRedisHealth(redis: RedisConnection, key: string): Promise<RedisHealth> {
  const answers = await redis.pipeline().info('memory').info('persistence').exists(key).exec();
  const [memory = '', persistence = ''] = (answers ?? []).map(([error, answer]) => {
    if (error) throw error;
    return String(answer);
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
