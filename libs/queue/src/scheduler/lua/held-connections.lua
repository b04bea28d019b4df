-- Returns the held connections: connection, by, reason, since, time of the next probe ('' without one), waiting
-- deliveries.
--
-- KEYS[1]  base of the scheduler's keys
local base = KEYS[1]
--@include keys.lua

local held = {}
for index, connection in ipairs(redis.call('ZRANGE', heldKey, 0, -1)) do
  local state = redis.call('HMGET', connectionKey(connection), 'by', 'reason', 'since', 'probeAt')
  local by, reason, since, probeAt = state[1], state[2], state[3], state[4]
  held[index] = {connection, by, reason, since, probeAt or '', redis.call('ZCARD', queueKey(connection))}
end
return held
