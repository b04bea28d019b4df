import { LANES, LOOK_AFTER, TURN_LASTS } from './fair-queue.ts';
import { TOKENS } from './token-bucket.ts';

/** Milliseconds that a held delivery waits if nobody calls it back, and one whose turn may come at any time. */
const HELD_NET = 3_600_000;
const PACED_NET = 60_000;

/**
 * Milliseconds. Who has to wait for other calls of its connection for longer does so in its lane, unless it has a
 * turn: of those there are no more than the bot has tokens, while of the others thousands would come and go.
 */
const SOON = 1_000;

/**
 * Lua: whether a delivery may be sent now. Answers `{kind, …}` as `Turn` has it, with times to wait in
 * milliseconds from now.
 *
 * KEYS: base. ARGV: job, id, lock, connection, bot, limit, lock's duration, time of the absent attempt or 0,
 * milliseconds before which it may not go.
 */
export const BEGIN = `${TOKENS}${LANES}
local base = KEYS[1]
local jobKey, id, connection, botId = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
if redis.call('GET', jobKey .. ':lock') ~= ARGV[3] then return {'lost'} end
-- It needs no memory, so a Redis that is full lets the writes after it through as well.
redis.call('PEXPIRE', jobKey .. ':lock', ARGV[7])
local now = clock()
local lanes, turns = base .. 'lanes:' .. botId, base .. 'turns:' .. botId
local given, outstanding, isLine = false, 0, false
if redis.call('EXISTS', lanes, turns) > 0 then
  given = redis.call('ZSCORE', turns, id)
  outstanding = redis.call('ZCARD', turns)
  isLine = redis.call('EXISTS', lanes) == 1
end
local hasTurn = given and now - given < ${TURN_LASTS}

local job = redis.call('HMGET', jobKey, 'sl:began', 'sl:lane', 'sl:priority')
local began, inLane, priority = tonumber(job[1]), job[2], job[3]
local connectionKey = base .. 'connection:' .. connection
local c = redis.call('HMGET', connectionKey, 'by', 'probeAt', 'reason', 'every', 'first', 'bots', 'events')
local by = c[1]

local function leaveLane()
  if not inLane or hasTurn then return end
  if redis.call('ZREM', base .. 'lane:' .. connection, id) == 1 and not by then
    redis.call('HINCRBY', base .. 'bot:' .. botId, 'waiting', -1)
  end
end

if began and began ~= tonumber(ARGV[8]) then
  -- It may wait for its event to show: nothing must call it back before.
  leaveLane()
  if given then voidTurn(base, botId, id, now) end
  return {'in_doubt', began, now - began}
end
if began then redis.call('HDEL', jobKey, 'sl:began') end

local function wait(turn)
  if given then voidTurn(base, botId, id, now) end
  return turn
end

local isProbe = by == 'refusals' and now >= tonumber(c[2])
if by and not isProbe then return wait({'held', ${HELD_NET}, c[3], by}) end
local bot = readBot(base .. 'bot:' .. botId, now, tonumber(ARGV[6]))
local tokens = bot.tokens
if not hasTurn then tokens = tokens - outstanding end
if now < bot.pause or tokens < ONE or (isLine and not hasTurn and not isProbe) then
  if isProbe then return wait({'held', ${HELD_NET}, c[3], by}) end
  local waiting = math.max(0, tonumber(redis.call('HGET', bot.key, 'waiting')) or 0)
  -- The net: far behind when its turn should come.
  return wait({'paced', math.max(0, bot.pause - now) + math.ceil(2 * waiting / bot.rate) + ${PACED_NET}})
end

local notBefore = tonumber(ARGV[9])
if notBefore > 0 then
  if notBefore > ${SOON} and not hasTurn then return wait({'paced', ${PACED_NET}}) end
  -- It keeps its turn, if it has one: it is back before that is looked for.
  if given then redis.call('ZADD', base .. 'turns', now + notBefore + ${LOOK_AFTER}, id .. ':' .. botId) end
  return {'later', notBefore}
end

if given then endTurn(base, botId, id) end
if bot.stored ~= ARGV[6] then keepLimit(base, botId, ARGV[6], now) end
redis.call('HSET', bot.key, 'tokens', bot.tokens - 1, 'at', now)
redis.call('HSET', jobKey, 'sl:began', now)
if inLane or priority then
  leaveLane()
  redis.call('HDEL', jobKey, 'sl:lane', 'sl:turn', 'sl:priority')
  if priority then redis.call('HSET', jobKey, 'priority', priority) end
end
if isProbe then
  local every = math.min(c[4] * 2, c[5] * 10)
  redis.call('HSET', connectionKey, 'every', every, 'probeAt', now + every)
  redis.call('ZADD', base .. 'held', now + every, connection)
end
return {'granted', now, (by or c[6] or c[7]) and 1 or 0}
`;
