import type { RedisConnection } from './connect.ts';

/** KEYS: lease. ARGV: who, milliseconds. One that has four fifths left is not renewed: each write costs an fsync. */
const TAKE = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
if not holder or redis.call('PTTL', KEYS[1]) < 0.8 * ARGV[2] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
`;

/**
 * Takes what one process at a time may do, or keeps it.
 *
 * @param key of the lease
 * @param who the process
 * @param duration milliseconds after which another takes over from one that has died
 * @returns whether it is ours now
 */
export async function takeLease(
  redis: RedisConnection,
  key: string,
  who: string,
  duration: number,
): Promise<boolean> {
  return (await redis.eval(TAKE, 1, key, who, duration)) === 1;
}
