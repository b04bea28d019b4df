-- Requeues a dead letter behind all live deliveries, with all its attempts, and counts it. It is no longer suspected of
-- having crashed its worker.
--
-- KEYS, ARGV  BullMQ's (reprocessJob), then
-- KEYS        ledger, base of Sluice's keys
-- ARGV        prefix of the jobs, id of the replay ('' without one)
--
-- Returns 1 if requeued, NOT_RUNNING if the replay is not running, else BullMQ's negative code.
local ledger, base, job, failed = KEYS[KEY_LEDGER], KEYS[KEY_BASE], KEYS[KEY_JOB], KEYS[KEY_FAILED]
local id, jobs, replayId = ARGV[ARG_ID], ARGV[ARG_KEY_PREFIX], ARGV[ARG_REPLAY]
--@include ledger.lua
--@include groups.lua
--@include replay-counters.lua

local replay = replayId ~= '' and base .. OWN_REPLAY .. replayId
if replay and redis.call('HGET', replay, 'state') ~= 'running' then return NOT_RUNNING end
local connection = connectionOf(job)
local isDead = redis.call('EXISTS', job) == 1 and redis.call('ZSCORE', failed, id)
local failure = readFailure(job)

-- BullMQ reads the priority, so it is set before.
if isDead then
  redis.call('HSET', job, FIELD_PRIORITY, REPLAY_PRIORITY, FIELD_REPLAY, replayId)
  redis.call('HDEL', job, FIELD_STALLED_COUNTER, FIELD_ISOLATED, FIELD_WAITED, FIELD_FAILURE)
end
local reply = bullmq()
if reply == 1 then
  leaveGroup(failure, id)
  count(connection, 'dead', -1)
  count(connection, 'replayed', 1)
  countForReplay(replay, 'replayed')
end
return reply
