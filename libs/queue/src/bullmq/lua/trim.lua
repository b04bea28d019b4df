-- Deletes the oldest delivered deliveries above a number, except those whose event has no final status yet: it may fail,
-- and a replay needs the body. The deduplication key has its own time to live and stays.
--
-- KEYS     see transitions.lua
-- ARGV[1]  delivered deliveries to keep
-- ARGV[2]  position to start at, from the oldest
-- ARGV[3]  most deliveries to look at
--
-- Returns how many it looked at, and how many it deleted. It looks at none if there are not too many.
--@include transitions.lua

local keep, start, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local completed = jobs .. QUEUE_COMPLETED
local excess = redis.call('ZCARD', completed) - keep
if excess <= start then return {0, 0} end
local ids = redis.call('ZRANGE', completed, start, math.min(start + most, excess) - 1)
local surplus = {}
for _, id in ipairs(ids) do
  local result, options = unpack(redis.call('HMGET', jobs .. id, FIELD_RETURN_VALUE, FIELD_OPTS))
  local event = result and string.match(result, '"eventId":"([^"]+)"')
  local connection = options and cjson.decode(options).connection or ''
  local isAwaited = event and redis.call('ZSCORE', base .. OWN_AWAITING .. connection, event .. ' ' .. id)
  if not isAwaited then surplus[#surplus + 1] = id end
end

for _, id in ipairs(surplus) do
  redis.call('ZREM', completed, id)
  redis.call('UNLINK', jobs .. id, jobs .. id .. JOB_LOGS, jobs .. id .. JOB_LOCK)
end
return {#ids, #surplus}
