import { LANES } from './fair-queue.ts';
import { TOKENS } from './token-bucket.ts';

/** Microseconds: 126 years, and with today's clock still an integer that a score holds exactly. */
const REPLAYS_BEHIND = 4e15;

/**
 * Lua: puts a delivery into the lane of its connection, after BullMQ's script has put it into `delayed`; both
 * are one script, of which that one is the function `theirs`. Nothing here may fail, for Redis takes nothing
 * back.
 *
 * KEYS: theirs, then base. ARGV: theirs (9, the third is the id), then connection, bot, share, limit.
 */
export const ENTER_LANE = `${TOKENS}${LANES}
local reply = theirs()
if type(reply) == 'number' and reply < 0 then return reply end

local base, jobKey, id = KEYS[12], KEYS[5], ARGV[3]
local connection, botId, share, limit = ARGV[10], ARGV[11], ARGV[12], ARGV[13]
local now, micros = clock()
local connectionKey, lane = base .. 'connection:' .. connection, base .. 'lane:' .. connection
if redis.call('ZSCORE', base .. 'turns:' .. botId, id) then
  -- It waited in the lane and came by the net; its turn came after it had asked. It is looked for at once.
  redis.call('HSET', jobKey, 'sl:turn', redis.call('ZSCORE', KEYS[4], id))
  redis.call('ZADD', base .. 'turns', now, id .. ':' .. botId)
  return reply
end

local c = redis.call('HMGET', connectionKey, 'bot', 'share', 'by', 'probeAt')
if c[1] ~= botId or c[2] ~= share then
  if c[1] and c[1] ~= botId then
    -- The connection has another bot by now, and takes its lane along. The time there is another's.
    leaveLine(base, connection, c[1])
    redis.call('HDEL', connectionKey, 'finish')
  end
  redis.call('HSET', connectionKey, 'bot', botId, 'share', share)
end

local place = redis.call('HGET', jobKey, 'sl:lane')
if not place then
  -- Replays are behind all that is live, for as long as there is any.
  place = micros
  if redis.call('HEXISTS', jobKey, 'sl:replay') == 1 then place = micros + ${REPLAYS_BEHIND} end
  redis.call('HSET', jobKey, 'sl:lane', place)
end
local added = redis.call('ZADD', lane, place, id)
if redis.call('HGET', base .. 'bot:' .. botId, 'limit') ~= limit then keepLimit(base, botId, limit, now) end
if c[3] then
  -- Nothing was there to be the probe.
  if c[3] == 'refusals' and redis.call('ZSCORE', base .. 'held', connection) == 'inf' then
    redis.call('ZADD', base .. 'held', c[4], connection)
  end
  return reply
end
if not redis.call('ZSCORE', base .. 'lanes:' .. botId, connection) then joinLine(base, connection, botId)
elseif added == 1 then redis.call('HINCRBY', base .. 'bot:' .. botId, 'waiting', 1) end
redis.call('ZADD', base .. 'due', 'NX', now, botId)
return reply
`;
