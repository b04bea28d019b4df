-- Shared by the scripts that hold and release connections.
--
-- KEYS[1]  base of the scheduler's keys
-- KEYS[2]  audit stream
-- ARGV[1]  connection
local base, auditKey, connection = KEYS[1], KEYS[2], ARGV[1]
--@include keys.lua
--@include clock.lua
--@include fair-queue.lua

--@include allow-writes.lua
local now = clock()
local stateKey = connectionKey(connection)

local function audit(action, by, who, reason)
  redis.call('XADD', auditKey, 'MAXLEN', '~', AUDIT_LINES, '*', 'action', action, 'connection', connection,
    'by', by, 'who', who, 'reason', reason, 'at', now)
end

local function hold(by, reason, probeAt)
  local bot = redis.call('HGET', stateKey, 'bot')
  if bot then leaveFairQueue(connection, bot) end
  redis.call('HSET', stateKey, 'by', by, 'reason', reason, 'since', now)
  redis.call('ZADD', heldKey, probeAt, connection)
end

local function release()
  redis.call('HDEL', stateKey, 'by', 'reason', 'since', 'probeAt', 'every', 'first', 'bots', 'events')
  redis.call('ZREM', heldKey, connection)
  local bot = redis.call('HGET', stateKey, 'bot')
  if not bot then return end
  enterFairQueue(connection, bot)
  redis.call('ZADD', dueKey, now, bot)
end
