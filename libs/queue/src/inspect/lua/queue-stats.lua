-- Counts deliveries by state and finds when the delivery that has waited longest for its first attempt was received, and
-- when the oldest one that a hold of its connection blocks was. The latter takes two commands per held connection.
--
-- The queue is sorted by priority, so its oldest delivery may be anywhere in it. To look at all of 100,000 would take
-- Redis half a second. This takes 0.3 ms: it looks at both ends and at deliveries spread evenly between, and finds one
-- that is nearly as old. Deliveries with an attempt are skipped: they wait for a retry, for their bot or for a replay.
--
-- KEYS  prefix of the queue's keys, prefix of Sluice's keys
-- ARGV  deliveries to look at in each part, score of the first replayed delivery
--
-- Returns {waiting, active, delayed, dead, oldest waiting, oldest held}; the last two in milliseconds since the epoch, or
-- '' without such a delivery.
local prefix, base, each, firstReplay = KEYS[1], KEYS[2] .. OWN_SCHEDULER, tonumber(ARGV[1]), ARGV[2]
--@include ../../scheduler/lua/keys.lua
local wait, prioritized = prefix .. QUEUE_WAIT, prefix .. QUEUE_PRIORITIZED

local oldest
local function look(ids)
  for _, id in ipairs(ids) do
    local job = redis.call('HMGET', prefix .. id, FIELD_TIMESTAMP, FIELD_ATTEMPTS_STARTED)
    local received = tonumber(job[1])
    if received and not job[2] and (not oldest or received < oldest) then oldest = received end
  end
end

look(redis.call('LRANGE', wait, -each, -1))
local live = redis.call('ZCOUNT', prioritized, '-inf', '(' .. firstReplay)
if live > 0 and live <= 3 * each then
  look(redis.call('ZRANGE', prioritized, 0, live - 1))
elseif live > 0 then
  look(redis.call('ZRANGE', prioritized, 0, each - 1))
  look(redis.call('ZRANGE', prioritized, live - each, live - 1))
  for step = 1, each do
    local at = math.floor(step * live / (each + 1))
    look(redis.call('ZRANGE', prioritized, at, at))
  end
end

-- The first delivery in a connection's queue is its oldest, except that replays are behind all others.
local oldestHeld
for _, connection in ipairs(redis.call('ZRANGE', heldKey, 0, -1)) do
  local first = redis.call('ZRANGE', queueKey(connection), 0, 0)[1]
  local received = first and tonumber(redis.call('HGET', prefix .. first, FIELD_TIMESTAMP))
  if received and (not oldestHeld or received < oldestHeld) then oldestHeld = received end
end

return {
  redis.call('LLEN', wait) + redis.call('ZCARD', prioritized),
  redis.call('LLEN', prefix .. QUEUE_ACTIVE),
  redis.call('ZCARD', prefix .. QUEUE_DELAYED),
  redis.call('ZCARD', prefix .. QUEUE_FAILED),
  oldest and tostring(oldest) or '',
  oldestHeld and tostring(oldestHeld) or ''
}
