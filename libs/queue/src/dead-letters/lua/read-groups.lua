-- Reads groups of dead letters, each with its newest as the example. Empty groups are left out.
--
-- KEYS[1]  base of Sluice's keys
-- KEYS[2]  prefix of the jobs
-- ARGV     groups
--
-- Returns the number of all dead letters and a list with, for each group: its name, number of dead letters, first and
-- last time of death; then id, field of the failure, failed reason and topic of the example.
local base, jobs = KEYS[1], KEYS[2]
local found = {}
for _, group in ipairs(ARGV) do
  local set = base .. OWN_DEAD_GROUP .. group
  local first = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')
  local last = redis.call('ZRANGE', set, -1, -1, 'WITHSCORES')
  if last[1] then
    local failure, failedReason, name =
      unpack(redis.call('HMGET', jobs .. last[1], FIELD_FAILURE, FIELD_FAILED_REASON, FIELD_NAME))
    found[#found + 1] = {
      group, redis.call('ZCARD', set), first[2], last[2],
      last[1], failure or '', failedReason or '', name or '',
    }
  end
end
return {redis.call('ZCARD', jobs .. QUEUE_FAILED), found}
