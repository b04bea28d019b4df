-- Moves dead letters into and out of the sorted set of their group.
--
-- Expects the local `base` (prefix of Sluice's keys).

local function groupOf(failedReason)
  return string.match(failedReason or '', '^{"reason":"[%w_]+","group":"(%x+)"') or GROUP_OTHER
end

local function enterGroup(failedReason, id, diedAt)
  local group = groupOf(failedReason)
  redis.call('ZADD', base .. OWN_DEAD_GROUP .. group, diedAt, id)
  redis.call('SADD', base .. OWN_DEAD_GROUPS, group)
end

local function leaveGroup(failedReason, id)
  local group = groupOf(failedReason)
  redis.call('ZREM', base .. OWN_DEAD_GROUP .. group, id)
  if redis.call('EXISTS', base .. OWN_DEAD_GROUP .. group) == 0 then
    redis.call('SREM', base .. OWN_DEAD_GROUPS, group)
  end
end
