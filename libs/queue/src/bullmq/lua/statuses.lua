-- Records the final statuses of created events. A delivery whose event the bot failed or ignored becomes a dead letter.
--
-- KEYS     see transitions.lua
-- ARGV[1]  connection
-- ARGV     six for each event: its id, its delivery, 'processed', 'botFailed' or 'botIgnored', and for the latter two
--          the message, the stored failure and the notes of the attempts
--
-- Returns for each event 'processed', 'dead', 'gone' if the delivery is no longer stored, or 'known' if the status is
-- recorded already.
--@include transitions.lua

local connection = ARGV[1]
local awaiting, completed = base .. OWN_AWAITING .. connection, jobs .. QUEUE_COMPLETED
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local events = {}
for index = 2, #ARGV, 6 do
  local event = {
    id = ARGV[index], delivery = ARGV[index + 1], counter = ARGV[index + 2],
    message = ARGV[index + 3], failure = ARGV[index + 4], notes = ARGV[index + 5],
  }
  if event.counter ~= 'processed' then
    local result, earlier = unpack(redis.call('HMGET', jobs .. event.delivery, FIELD_RETURN_VALUE, FIELD_EVENTS))
    event.earlier = earlier
    -- The delivery may have another event since: it was gone, and an export of it was imported and replayed.
    event.isStored = result and string.find(result, '"eventId":"' .. event.id .. '"', 1, true)
      and redis.call('ZSCORE', completed, event.delivery)
  end
  events[#events + 1] = event
end

local results = {}
for index, event in ipairs(events) do
  local id, job = event.delivery, jobs .. event.delivery
  if redis.call('ZREM', awaiting, event.id .. ' ' .. id) == 0 then
    results[index] = 'known'
  elseif event.counter == 'processed' then
    count(connection, 'processed', 1)
    results[index] = 'processed'
  else
    count(connection, event.counter, 1)
    count(connection, 'delivered', -1)
    if event.isStored then
      redis.call('ZREM', completed, id)
      redis.call('HDEL', job, FIELD_RETURN_VALUE, FIELD_ATTEMPT_STARTED_AT)
      redis.call('HSET', job, FIELD_FAILED_REASON, event.message, FIELD_FAILURE, event.failure,
        FIELD_STACKTRACE, event.notes, FIELD_FINISHED_ON, now,
        FIELD_EVENTS, event.earlier and event.earlier .. ' ' .. event.id or event.id)
      redis.call('ZADD', failed, now, id)
      enterGroup(event.failure, id, now)
      count(connection, 'dead', 1)
      results[index] = 'dead'
    else
      count(connection, 'expired', 1)
      results[index] = 'gone'
    end
  end
end
return results
