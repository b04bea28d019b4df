-- Completes a delivery or makes it a dead letter, and counts it. BullMQ checks and removes the lock, so a delivery that
-- two workers process is refused the second time.
--
-- KEYS, ARGV  BullMQ's (moveToFinished), then
-- KEYS        ledger, base of Sluice's keys
-- ARGV        1 if the status of a created event is to be looked up, else 0
--
-- Returns BullMQ's reply: negative if refused, else the next job, if the caller requested one.
local ledger, base, job, finished = KEYS[KEY_LEDGER], KEYS[KEY_BASE], KEYS[KEY_JOB], KEYS[KEY_FINISHED]
local id, value, jobs = ARGV[ARG_ID], ARGV[ARG_VALUE], ARGV[ARG_KEY_PREFIX]
local isDead = ARGV[ARG_TARGET] == QUEUE_FAILED
--@include ledger.lua
--@include groups.lua
--@include replay-counters.lua

-- Returns a field among those that BullMQ updates.
local function updatedField(name)
  local packed = ARGV[ARG_FIELDS_TO_UPDATE]
  local fields = packed ~= '' and cmsgpack.unpack(packed) or {}
  for index = 1, #fields, 2 do if fields[index] == name then return fields[index + 1] end end
  return nil
end

local connection = connectionOf(job)
local failure = isDead and failureOf(updatedField(FIELD_FAILURE), value)
local result = not isDead and cjson.decode(value)
local replayId, earlierEvents = unpack(redis.call('HMGET', job, FIELD_REPLAY, FIELD_EVENTS))
local replay = findReplay(replayId)

local reply = bullmq()
if type(reply) == 'number' and reply < 0 then return reply end
countForReplay(replay, isDead and 'died' or 'delivered')
if isDead then
  count(connection, 'dead', 1)
  local diedAt = redis.call('ZSCORE', finished, id)
  if diedAt then enterGroup(failure, id, diedAt) end
elseif type(result) == 'table' and type(result.eventId) == 'string' then
  count(connection, 'delivered', 1)
  if result.reconciled == true then count(connection, 'reconciled', 1) end
  if earlierEvents then count(connection, 'resent', 1) end
  if ARGV[ARG_AWAIT_STATUS] == '1' then
    local time = redis.call('TIME')
    redis.call('ZADD', base .. OWN_AWAITING .. connection, time[1] * 1000 + math.floor(time[2] / 1000),
      result.eventId .. ' ' .. id)
  end
elseif type(result) == 'table' and result.forwarded then
  -- A forward has no event whose status could be looked up.
  count(connection, 'delivered', 1)
  count(connection, 'processed', 1)
else
  count(connection, 'recorded', 1)
end
return reply
