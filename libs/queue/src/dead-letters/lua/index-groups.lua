-- Adds dead letters to the sets of their groups: those that died before there were groups are in none.
--
-- KEYS[1]  base of Sluice's keys
-- KEYS[2]  prefix of the jobs
-- ARGV[1]  where to start in the order of death
-- ARGV[2]  most dead letters to look at
--
-- Returns how many it looked at.
local base, jobs = KEYS[1], KEYS[2]
--@include ../../bullmq/lua/groups.lua
local members = redis.call('ZRANGE', jobs .. QUEUE_FAILED, ARGV[1], ARGV[1] + ARGV[2] - 1, 'WITHSCORES')
for index = 1, #members, 2 do
  local id, diedAt = members[index], members[index + 1]
  enterGroup(readFailure(jobs .. id), id, diedAt)
end
return #members / 2
