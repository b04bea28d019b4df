/**
 * The group of dead letters whose failed reason names none; they are older than groups. Each dead letter is also in the
 * sorted set of its group, `{prefix}:dead:<group>`, by when it died. The set `{prefix}:dead-groups` has the names of all
 * groups. The script that moves a dead letter updates both.
 */
export const OTHER = 'other';

/** Lua: moves dead letters into and out of their group. `base` is the prefix with a colon. */
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

/** Lua: returns the count and the first and last dead letter of groups. KEYS: base, prefix of jobs. ARGV: groups. */
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
 * Lua: adds dead letters to their groups. KEYS: base, prefix of jobs. ARGV: index of the first dead letter, by when they
 * died; number of dead letters.
 */
export const INDEX_GROUPS = `${GROUPING}
local letters = redis.call('ZRANGE', KEYS[2] .. 'failed', ARGV[1], ARGV[1] + ARGV[2] - 1, 'WITHSCORES')
for index = 1, #letters, 2 do
  local id = letters[index]
  enterGroup(KEYS[1], redis.call('HGET', KEYS[2] .. id, 'failedReason'), id, letters[index + 1])
end
return #letters / 2
`;
