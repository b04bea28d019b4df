import type { RedisConnection } from './connect.ts';

/** A script, so that a cluster asks the node that has the keys. KEYS: prefix. ARGV: cursor, pattern, count. */
const SCAN = `return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])`;

/**
 * Walks the ids of all stored deliveries, some `size` at a time, between which others get on.
 *
 * It goes by the keys and not by the states: SCAN returns every key that is there from its beginning to its
 * end, while a delivery that changes its state (delayed, waiting, active, delayed again) could slip by a
 * walk from state to state. An id may come on two pages.
 *
 * @param prefix what the keys of deliveries have before their id
 */
export async function* scanIds(
  redis: RedisConnection,
  prefix: string,
  size: number,
): AsyncGenerator<string[]> {
  // The braces of our prefix mean nothing to Redis' patterns; what does is a user's own.
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}dlv_*`;
  let cursor = '0';
  do {
    const reply = await redis.eval(SCAN, 1, prefix, cursor, pattern, size);
    const [next, keys] = reply as [string, readonly string[]];
    cursor = next;
    const ids = keys.map((key) => key.slice(prefix.length));
    // `<id>:lock` and the like are no deliveries.
    const unique = [...new Set(ids.filter((id) => !id.includes(':')))];
    if (unique.length > 0) yield unique;
  } while (cursor !== '0');
}
