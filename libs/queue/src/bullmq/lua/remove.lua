-- Removes a delivery that no worker has reserved, and counts it if it was pending or dead.
--
-- KEYS, ARGV  BullMQ's (removeJob), then
-- KEYS        ledger, base of Sluice's keys
-- ARGV        counter of the removal
--
-- Returns its state: 'pending', 'delivered', 'dead' or 'discarded'; 'gone' if it did not exist; 'locked' if a worker
-- has it, so that it is kept; or BullMQ's negative code.
local ledger, base, job = KEYS[KEY_LEDGER], KEYS[KEY_BASE], KEYS[KEY_JOB]
local id, jobs, counter = ARGV[ARG_ID], ARGV[ARG_KEY_PREFIX], ARGV[ARG_COUNTER]
--@include ledger.lua
--@include groups.lua
--@include replay-counters.lua

local connection = connectionOf(job)
local exists = redis.call('HEXISTS', job, FIELD_OPTS) == 1
local was = 'pending'
if redis.call('ZSCORE', jobs .. QUEUE_FAILED, id) then was = 'dead'
elseif redis.call('ZSCORE', jobs .. QUEUE_COMPLETED, id) then was = 'delivered'
elseif redis.call('ZSCORE', base .. OWN_DISCARDED, id) then was = 'discarded' end
local failure, failedReason, replayId =
  unpack(redis.call('HMGET', job, FIELD_FAILURE, FIELD_FAILED_REASON, FIELD_REPLAY))
local replay = was == 'pending' and findReplay(replayId)

local reply = bullmq()
if reply ~= 1 then return reply == 0 and 'locked' or reply end
if not exists then return 'gone' end
if was == 'discarded' then redis.call('ZREM', base .. OWN_DISCARDED, id) end
if was == 'pending' or was == 'dead' then count(connection, counter, 1) end
if was == 'pending' then countForReplay(replay, 'removed') end
if was == 'dead' then
  leaveGroup(failureOf(failure, failedReason), id)
  count(connection, 'dead', -1)
end
return was
