-- Removes entries of a group that belong elsewhere: an earlier version moved the dead letter and did not find its group.
--
-- KEYS[1]  base of Sluice's keys
-- KEYS[2]  prefix of the jobs
-- ARGV[1]  group
-- ARGV[2]  rank of the first
-- ARGV[3]  how many
--
-- Returns how many were looked at and how many of those are left.
local base, jobs = KEYS[1], KEYS[2]
--@include ../../bullmq/lua/groups.lua

local group, first, most = ARGV[1], ARGV[2], ARGV[3]
local ids = redis.call('ZRANGE', base .. OWN_DEAD_GROUP .. group, first, first + most - 1)
local left = 0
for _, id in ipairs(ids) do
  if redis.call('ZSCORE', jobs .. QUEUE_FAILED, id) and groupOf(readFailure(jobs .. id)) == group then left = left + 1
  else removeFromGroup(group, id) end
end
return {#ids, left}
