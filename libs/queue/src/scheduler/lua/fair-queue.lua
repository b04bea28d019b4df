-- The fair queue of a bot: its connections that have waiting deliveries and are not held, by virtual time. Each permit
-- moves a connection on by 1 / share, and the least is next. A connection that enters starts at the time of the one that
-- was served last, so it is next, and being idle gains nothing; or at its own time if that is later, so leaving and
-- entering gains nothing.
--
-- Expects keys.lua.

local function enterFairQueue(connection, bot)
  local size = redis.call('ZCARD', queueKey(connection))
  if size == 0 then return end
  local botTime = tonumber(redis.call('HGET', botKey(bot), 'v')) or 0
  local ownTime = tonumber(redis.call('HGET', connectionKey(connection), 'finish')) or 0
  redis.call('ZADD', fairQueueKey(bot), math.max(botTime, ownTime), connection)
  redis.call('HINCRBY', botKey(bot), 'waiting', size)
end

local function leaveFairQueue(connection, bot)
  local time = redis.call('ZSCORE', fairQueueKey(bot), connection)
  if not time then return end
  redis.call('ZREM', fairQueueKey(bot), connection)
  redis.call('HSET', connectionKey(connection), 'finish', time)
  local size = redis.call('ZCARD', queueKey(connection))
  if size > 0 then redis.call('HINCRBY', botKey(bot), 'waiting', -size) end
end

-- Stores the configured limit and window, since the dispatcher does not read the configuration.
local function storeLimit(bot, limit, window, now)
  redis.call('HSET', botKey(bot), 'limit', limit, 'window', window)
  redis.call('ZADD', dueKey, 'XX', 'LT', now, bot)
end

local function removePermit(bot, id)
  redis.call('ZREM', botPermitsKey(bot), id)
  redis.call('ZREM', permitsKey, permitMember(id, bot))
end

-- Its token is free for the next delivery.
local function revokePermit(bot, id, now)
  removePermit(bot, id)
  redis.call('ZADD', dueKey, 'XX', 'LT', now, bot)
end
