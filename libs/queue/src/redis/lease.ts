import type { RedisConnection } from './connect.ts';

/** KEYS: lease. ARGV: holder, milliseconds. A lease with four fifths left is not renewed: each write costs an fsync. */
const TAKE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if not holder or redis.call('PTTL', KEYS[1]) < 0.8 * ARGV[2] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
`;

/**
 * Takes or renews a lease, which one process at a time can hold.
 *
 * @param key key of the lease
 * @param who id of the process
 * @param duration milliseconds after which another process can take the lease of a dead one
 * @returns whether the process holds the lease
 */
export async function takeLease(
  redis: RedisConnection,
  key: string,
  who: string,
  duration: number,
): Promise<boolean> {
  return (await redis.eval(TAKE, 1, key, who, duration)) === 1;
}
