import type { RedisConnection } from '../redis/connect.ts';

/** How much Redis holds. */
export interface RedisLoad {
  /** Of its maxmemory; 0 if it has none. */
  readonly memoryRatio: number;
  /** Deliveries that have not ended, whatever they wait for. */
  readonly backlog: number;
}

/**
 * Reads it in one round trip, some 0.1 ms of Redis'. Neither a script nor a transaction, which a Redis that
 * is full refuses.
 *
 * @param keyPrefix what the queue's keys begin with
 */
export async function readRedisLoad(redis: RedisConnection, keyPrefix: string): Promise<RedisLoad> {
  const answers = await redis
    .pipeline()
    .info('memory')
    .llen(`${keyPrefix}wait`)
    .llen(`${keyPrefix}paused`)
    .llen(`${keyPrefix}active`)
    .zcard(`${keyPrefix}prioritized`)
    .zcard(`${keyPrefix}delayed`)
    .exec();
  const [info, ...counts] = (answers ?? []).map(([error, answer]) => {
    if (error) throw error;
    return answer;
  });
  return {
    memoryRatio: memoryRatio(String(info)),
    backlog: counts.reduce<number>((sum, count) => sum + Number(count), 0),
  };
}

function memoryRatio(info: string): number {
  const of = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  const limit = of('maxmemory');
  return limit === 0 ? 0 : of('used_memory') / limit;
}
