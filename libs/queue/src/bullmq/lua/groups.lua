-- Moves dead letters into and out of the sorted set of their group.
--
-- Expects the local `base` (prefix of Sluice's keys).

-- Returns the stored failure among the fields of its job. Earlier versions wrote all of it as the failed reason; a job
-- that BullMQ failed has only BullMQ's words. records/failure.ts does the same.
local function failureOf(failure, failedReason)
  if failedReason and string.sub(failedReason, 1, 11) == '{"reason":"' then return failedReason end
  return failure and failure ~= '' and failure or failedReason or ''
end

-- Reads the stored failure of a job.
local function readFailure(job)
  return failureOf(unpack(redis.call('HMGET', job, FIELD_FAILURE, FIELD_FAILED_REASON)))
end

local function groupOf(failure)
  return string.match(failure, '^{"reason":"[%w_]+","group":"(%x+)"') or GROUP_OTHER
end

local function enterGroup(failure, id, diedAt)
  local group = groupOf(failure)
  redis.call('ZADD', base .. OWN_DEAD_GROUP .. group, diedAt, id)
  redis.call('SADD', base .. OWN_DEAD_GROUPS, group)
end

local function removeFromGroup(group, id)
  redis.call('ZREM', base .. OWN_DEAD_GROUP .. group, id)
  if redis.call('EXISTS', base .. OWN_DEAD_GROUP .. group) == 0 then
    redis.call('SREM', base .. OWN_DEAD_GROUPS, group)
  end
end

local function leaveGroup(failure, id) removeFromGroup(groupOf(failure), id) end
