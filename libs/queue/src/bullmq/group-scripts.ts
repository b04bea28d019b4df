/**
 * Dead letters are in a sorted set of their group as well, `{prefix}:dead:<group>`, by when they died; the names of
 * all groups are in the set `{prefix}:dead-groups`. Both move in the script that moves the dead letter. The group of
 * each stands in its reason; what has none there, as from before there were groups, is in the group `other`.
 */
export const OTHER = 'other';

/** Lua: what a dead letter's coming and going does to its group. `base` is the prefix with a colon. */
export const GROUPING = `
local function groupOf(failedReason)
  return string.match(failedReason or '', '^{"reason":"[%w_]+","group":"(%x+)"') or '${OTHER}'
end
local function enterGroup(base, failedReason, id, diedAt)
  local group = groupOf(failedReason)
  redis.call('ZADD', base .. 'dead:' .. group, diedAt, id)
  redis.call('SADD', base .. 'dead-groups', group)
end
local function leaveGroup(base, failedReason, id)
  local group = groupOf(failedReason)
  redis.call('ZREM', base .. 'dead:' .. group, id)
  if redis.call('EXISTS', base .. 'dead:' .. group) == 0 then redis.call('SREM', base .. 'dead-groups', group) end
end
`;

/** Lua: how many groups there are of how many dead letters. KEYS: base, prefix of jobs. ARGV: groups. */
export const READ_GROUPS = `
local found = {}
for _, group in ipairs(ARGV) do
  local key = KEYS[1] .. 'dead:' .. group
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  if last[1] then
    local job = redis.call('HMGET', KEYS[2] .. last[1], 'failedReason', 'name')
    found[#found + 1] = {group, redis.call('ZCARD', key), first[2], last[2], last[1], job[1] or '', job[2] or ''}
  end
end
return found
`;

/**
 * Lua: puts dead letters into their groups that are in none. KEYS: base, prefix of jobs. ARGV: where to begin in the
 * order of death, how many to look at.
 */
export const INDEX_GROUPS = `${GROUPING}
local letters = redis.call('ZRANGE', KEYS[2] .. 'failed', ARGV[1], ARGV[1] + ARGV[2] - 1, 'WITHSCORES')
for index = 1, #letters, 2 do
  local id = letters[index]
  enterGroup(KEYS[1], redis.call('HGET', KEYS[2] .. id, 'failedReason'), id, letters[index + 1])
end
return #letters / 2
`;
