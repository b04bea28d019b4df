import type { RedisConnection } from '../connect-redis.ts';

/** How workers name themselves to Redis; each process has such connections to it. */
const WORKER = / name=sluice-worker /;

/**
 * Whether any worker is connected to Redis. One that is connected may still be stuck.
 *
 * @throws an Error where Redis does not let this be asked, as some that one can rent do not
 */
export async function hasWorkers(redis: RedisConnection): Promise<boolean> {
  const nodes = 'nodes' in redis ? redis.nodes('master') : [redis];
  const lists = await Promise.all(nodes.map((node) => node.client('LIST')));
  return lists.some((clients) =>
    String(clients)
      .split('\n')
      .some((client) => WORKER.test(client)),
  );
}
