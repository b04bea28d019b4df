import { LANES, LOOK_AFTER, TURN_LASTS } from './fair-queue.ts';
import { ALLOW_WRITES, TOKENS } from './token-bucket.ts';

/** Deliveries that one call may call back: some 5 ms of Redis' time. */
export const MOST_TURNS = 200;

/**
 * Deliveries that have a turn and have not begun, in all. They go before all others that are ahead of their
 * limit, so this bounds how far the workers' line may fill with them when the workers cannot keep up.
 */
const OUTSTANDING = 500;

/** Milliseconds after which another probe is called if the one that was has not asked. */
const PROBE_LOST_AFTER = 10_000;

/** BullMQ's priority of a delivery whose turn has come: the first, in line with what is within its limit. */
const PRIORITY = 1;

/**
 * Lua: gives turns to deliveries that wait in lanes, and calls each back with BullMQ's `promote`, which is
 * here as the function `theirs`: no crash can come between the turn and the call.
 *
 * KEYS: theirs (9), then base. ARGV: theirs (prefix of jobs, id), then how many deliveries at most. Answers
 * how many there were, and in how many milliseconds the next may be.
 */
export const GIVE_TURNS = `${TOKENS}${LANES}
local base, jobs, delayed = KEYS[10], ARGV[1], KEYS[1]
local dueKey, turnsKey, heldKey = base .. 'due', base .. 'turns', base .. 'held'
${ALLOW_WRITES}local now = clock()
local left = math.min(tonumber(ARGV[3]), ${OUTSTANDING} - redis.call('ZCARD', turnsKey))
-- What is gone is passed over, which is work as well.
local work, given = 5 * ARGV[3], 0

local function callBack(id, delay)
  redis.call('HSET', jobs .. id, 'sl:turn', delay)
  ARGV[2] = id
  theirs()
end

-- Takes the first of a lane and gives it a turn. Answers whether there was one, and if not, whether to go on.
local function giveTurn(connection, botId)
  local id = redis.call('ZPOPMIN', base .. 'lane:' .. connection)[1]
  if not id then return false, false end
  work = work - 1
  local job = redis.call('HMGET', jobs .. id, 'timestamp', 'finishedOn', 'priority', 'sl:priority')
  if not job[1] or job[2] then return false, true end
  redis.call('ZADD', base .. 'turns:' .. botId, now, id)
  redis.call('ZADD', turnsKey, now + ${LOOK_AFTER}, id .. ':' .. botId)
  if not job[4] then redis.call('HSET', jobs .. id, 'sl:priority', job[3] or 0, 'priority', ${PRIORITY}) end
  -- Else it has come by the net and is on its way.
  local delay = redis.call('ZSCORE', delayed, id)
  if delay then callBack(id, delay) end
  left, given = left - 1, given + 1
  return true, true
end

-- Turns that were not taken.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', turnsKey, '-inf', now, 'LIMIT', 0, ARGV[3])) do
  local id, botId = string.match(member, '^([^:]*):(.*)$')
  local since = redis.call('ZSCORE', base .. 'turns:' .. botId, id)
  local job = redis.call('HMGET', jobs .. id, 'timestamp', 'finishedOn', 'sl:turn')
  local delay = redis.call('ZSCORE', delayed, id)
  if since and job[1] and delay and delay == job[3] then
    redis.call('ZADD', base .. 'turns:' .. botId, now, id)
    redis.call('ZADD', turnsKey, now + ${LOOK_AFTER}, member)
    callBack(id, delay)
  elseif not since or not job[1] or job[2] or delay or now - since >= ${TURN_LASTS} then
    -- It is gone, or was put off for a reason of its own, or whoever has it does not ask.
    voidTurn(base, botId, id, now)
  else
    redis.call('ZADD', turnsKey, now + ${LOOK_AFTER}, member)
  end
end

-- Probes. They come first, or a bot that others keep busy would never have a token for one.
for _, connection in ipairs(redis.call('ZRANGEBYSCORE', heldKey, '-inf', now, 'LIMIT', 0, ARGV[3])) do
  if left <= 0 or work <= 0 then break end
  local c = redis.call('HMGET', base .. 'connection:' .. connection, 'by', 'bot', 'probeAt')
  local look = 'inf'
  if c[1] == 'refusals' and c[2] then
    local bot = readBot(base .. 'bot:' .. c[2], now)
    local ready = readyAt(bot, redis.call('ZCARD', base .. 'turns:' .. c[2]), now)
    if tonumber(c[3]) > now then look = c[3]
    elseif ready > now then look = ready
    else
      local isGiven, goOn
      repeat isGiven, goOn = giveTurn(connection, c[2]) until isGiven or not goOn or work <= 0
      if isGiven then look = now + ${PROBE_LOST_AFTER} elseif goOn then look = now end
    end
  end
  redis.call('ZADD', heldKey, look, connection)
end

-- The next lane of a bot, by virtual time; undefined if there is none.
local function giveNext(botId, bot)
  local lanes = base .. 'lanes:' .. botId
  local first = redis.call('ZRANGE', lanes, 0, 0, 'WITHSCORES')
  local connection, time = first[1], tonumber(first[2])
  if not connection then return false, false end
  local isGiven, wasThere = giveTurn(connection, botId)
  if wasThere then bot.gone = bot.gone + 1 end
  local connectionKey = base .. 'connection:' .. connection
  local finish = time
  if isGiven then
    finish = time + 1 / (tonumber(redis.call('HGET', connectionKey, 'share')) or 1)
    bot.v = time
  end
  if redis.call('EXISTS', base .. 'lane:' .. connection) == 1 then
    if isGiven then redis.call('ZADD', lanes, finish, connection) end
  else
    redis.call('ZREM', lanes, connection)
    redis.call('HSET', connectionKey, 'finish', finish)
    bot.vmax = math.max(bot.vmax, finish)
  end
  return isGiven, true
end

local function serve(botId)
  local bot = readBot(base .. 'bot:' .. botId, now)
  local outstanding = redis.call('ZCARD', base .. 'turns:' .. botId)
  local f = redis.call('HMGET', bot.key, 'v', 'vmax')
  bot.v, bot.vmax, bot.gone = tonumber(f[1]) or 0, tonumber(f[2]) or 0, 0
  local ready, goOn = readyAt(bot, outstanding, now), true
  while goOn and ready <= now and left > 0 and work > 0 do
    local isGiven
    isGiven, goOn = giveNext(botId, bot)
    if isGiven then
      outstanding = outstanding + 1
      ready = readyAt(bot, outstanding, now)
    end
  end
  if redis.call('EXISTS', base .. 'lanes:' .. botId) == 1 then
    if bot.gone > 0 then redis.call('HINCRBY', bot.key, 'waiting', -bot.gone) end
    redis.call('HSET', bot.key, 'v', bot.v, 'vmax', bot.vmax)
    redis.call('ZADD', dueKey, ready, botId)
  else
    -- Nobody waits: all are even.
    redis.call('HSET', bot.key, 'v', math.max(bot.v, bot.vmax), 'vmax', 0, 'waiting', 0)
    redis.call('ZREM', dueKey, botId)
  end
end

for _, botId in ipairs(redis.call('ZRANGEBYSCORE', dueKey, '-inf', now, 'LIMIT', 0, ARGV[3])) do
  if left <= 0 or work <= 0 then break end
  serve(botId)
end

local wait = 60000
for _, key in ipairs({dueKey, turnsKey, heldKey}) do
  local next = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
  if next then wait = math.min(wait, math.max(0, next - now)) end
end
return {given, wait}
`;
