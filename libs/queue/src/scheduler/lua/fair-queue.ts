/**
 * Lua: the lanes of a bot. A lane is in the bot's line while deliveries wait in it and its connection is not
 * held. Its place there is its virtual time: each delivery moves it on by 1 / share, and the least is next. A
 * lane that comes to the line starts at the time of the one that was served last, so it is next, and whoever
 * was idle has saved nothing up; or at its own, if that is later, so coming and going gains nothing.
 */
export const LANES = `
local function joinLine(base, connection, bot)
  local size = redis.call('ZCARD', base .. 'lane:' .. connection)
  if size == 0 then return end
  local v = tonumber(redis.call('HGET', base .. 'bot:' .. bot, 'v')) or 0
  local finish = tonumber(redis.call('HGET', base .. 'connection:' .. connection, 'finish')) or 0
  redis.call('ZADD', base .. 'lanes:' .. bot, math.max(v, finish), connection)
  redis.call('HINCRBY', base .. 'bot:' .. bot, 'waiting', size)
end

local function leaveLine(base, connection, bot)
  local lanes = base .. 'lanes:' .. bot
  local time = redis.call('ZSCORE', lanes, connection)
  if not time then return end
  redis.call('ZREM', lanes, connection)
  redis.call('HSET', base .. 'connection:' .. connection, 'finish', time)
  local size = redis.call('ZCARD', base .. 'lane:' .. connection)
  if size > 0 then redis.call('HINCRBY', base .. 'bot:' .. bot, 'waiting', -size) end
end

-- The configured limit, for who gives turns without having read the configuration.
local function keepLimit(base, bot, limit, now)
  redis.call('HSET', base .. 'bot:' .. bot, 'limit', limit)
  redis.call('ZADD', base .. 'due', 'XX', 'LT', now, bot)
end

local function endTurn(base, bot, id)
  redis.call('ZREM', base .. 'turns:' .. bot, id)
  redis.call('ZREM', base .. 'turns', id .. ':' .. bot)
end

-- Its token is for the next.
local function voidTurn(base, bot, id, now)
  endTurn(base, bot, id)
  redis.call('ZADD', base .. 'due', 'XX', 'LT', now, bot)
end
`;

/** Milliseconds after which a turn that was not taken is void: its delivery asks again like any other. */
export const TURN_LASTS = 60_000;

/** Milliseconds after which it is looked what became of a turn that was not taken. */
export const LOOK_AFTER = 2_000;
