import type { RedisConnection } from './connect.ts';
import { luaScript, runScript } from './scripts.ts';

const TAKE_LEASE = luaScript(import.meta.url, './lua/take-lease.lua', { keys: 1 });

/**
 * Takes or keeps a lease, which one process has at a time.
 *
 * @param key key of the lease
 * @param process name of the process
 * @param duration milliseconds after which another process takes over from one that died
 * @returns whether the process has the lease
 */
export async function takeLease(
  redis: RedisConnection,
  key: string,
  process: string,
  duration: number,
): Promise<boolean> {
  return (await runScript(redis, TAKE_LEASE, key, process, duration)) === 1;
}
