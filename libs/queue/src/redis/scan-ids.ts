import type { RedisConnection } from './connect.ts';
import { luaScript, runScript } from './scripts.ts';

const SCAN = luaScript(import.meta.url, './lua/scan.lua', { keys: 1 });

/**
 * Yields the ids of all stored deliveries, about `size` at a time. Other commands run in between.
 *
 * It walks the keys and not the states: SCAN returns every key that exists throughout the scan, while a delivery that
 * changes its state (delayed, waiting, active, delayed again) could escape a walk from state to state. An id can be on
 * two pages.
 *
 * @param prefix prefix of the deliveries' keys
 */
export async function* scanIds(
  redis: RedisConnection,
  prefix: string,
  size: number,
): AsyncGenerator<string[]> {
  // Braces are literal in Redis' patterns. A configured prefix may contain characters that are not.
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}dlv_*`;
  let cursor = '0';
  do {
    const reply = await runScript(redis, SCAN, prefix, cursor, pattern, size);
    const [next, keys] = reply as [string, readonly string[]];
    cursor = next;
    const ids = keys.map((key) => key.slice(prefix.length));
    // Keys such as `<id>:lock` do not hold deliveries.
    const unique = [...new Set(ids.filter((id) => !id.includes(':')))];
    if (unique.length > 0) yield unique;
  } while (cursor !== '0');
}
