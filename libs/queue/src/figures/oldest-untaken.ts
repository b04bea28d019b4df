import { REPLAY_PRIORITY } from '../backlog-priority.ts';
import type { RedisConnection } from '../connect-redis.ts';

/** Deliveries that are looked at, at either end of the line and spread evenly between: all, up to three times these. */
const LOOKED_AT = 64;

/**
 * Lua: when the delivery that has waited longest to be taken for the first time was received, in milliseconds since
 * the epoch; nothing if none waits.
 *
 * The line is sorted by priority, so its oldest may stand anywhere in it. To look at all of 100,000 would cost Redis
 * half a second; these cost it 0.3 ms, and of a long line they find one that is nearly as old. What has been taken
 * before is passed over: it waited for something else since it was received (a retry, its bot, a replay).
 *
 * KEYS: prefix of the queue. ARGV: how many, score from which on replays wait.
 */
const OLDEST = `
local prefix, each = KEYS[1], tonumber(ARGV[1])
local line = prefix .. 'prioritized'
local length = redis.call('ZCOUNT', line, '-inf', '(' .. ARGV[2])
local oldest
local function look(ids)
  for _, id in ipairs(ids) do
    local job = redis.call('HMGET', prefix .. id, 'timestamp', 'ats')
    local received = tonumber(job[1])
    if received and not job[2] and (not oldest or received < oldest) then oldest = received end
  end
end
look(redis.call('LRANGE', prefix .. 'wait', -each, -1))
if length > 0 and length <= 3 * each then
  look(redis.call('ZRANGE', line, 0, length - 1))
elseif length > 0 then
  look(redis.call('ZRANGE', line, 0, each - 1))
  look(redis.call('ZRANGE', line, length - each, length - 1))
  for step = 1, each do
    local at = math.floor(step * length / (each + 1))
    look(redis.call('ZRANGE', line, at, at))
  end
end
return oldest and tostring(oldest) or false
`;

/** BullMQ's score of the first delivery of a priority. */
const PRIORITY_UNIT = 0x1_0000_0000;

/** Reads when the delivery that has waited longest to be taken at all was received: milliseconds since the epoch. */
export async function readOldestUntaken(
  redis: RedisConnection,
  keyPrefix: string,
): Promise<number | undefined> {
  const behind = REPLAY_PRIORITY * PRIORITY_UNIT;
  const oldest = await redis.eval(OLDEST, 1, keyPrefix, LOOKED_AT, behind);
  return oldest === null ? undefined : Number(oldest);
}
