-- Returns when the first delivery in each connection's queue was received.
--
-- KEYS[1]  base of the scheduler's keys
-- KEYS[2]  prefix of the jobs
-- ARGV     connections
--
-- Returns, for each connection, milliseconds since the epoch, or '' where its queue is empty.
local base, jobs = KEYS[1], KEYS[2]
--@include keys.lua

local oldest = {}
for index, connection in ipairs(ARGV) do
  local first = redis.call('ZRANGE', queueKey(connection), 0, 0)[1]
  oldest[index] = first and redis.call('HGET', jobs .. first, FIELD_TIMESTAMP) or ''
end
return oldest
