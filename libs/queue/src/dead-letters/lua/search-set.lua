-- Searches a set of dead letters on from a cursor, in the order of death; those that died in the same millisecond are
-- in the order of their ids. A cursor stays valid when the dead letter there is gone.
--
-- KEYS[1]  set
-- KEYS[2]  prefix of the jobs
-- ARGV     see matches.lua, then
-- ARGV[5]  'newest' or 'oldest': which come first
-- ARGV[6]  score of the cursor
-- ARGV[7]  id of the cursor; '' to start at the score, inclusive
-- ARGV[8]  the other bound of the scores
--
-- Returns 1 at the end of the set, else 0; score and id of the next cursor; the results; the counts by group.
--@include matches.lua
local set, jobs = KEYS[1], KEYS[2]
local isNewestFirst, cursorScore, cursorId, bound = ARGV[5] == 'newest', ARGV[6], ARGV[7], ARGV[8]

-- Byte by byte: the server's locale may have another order.
local function isLess(one, other)
  for index = 1, math.min(#one, #other) do
    local a, b = string.byte(one, index), string.byte(other, index)
    if a ~= b then return a < b end
  end
  return #one < #other
end

-- Returns how many members come before the cursor, and how many (0 or 1) are at it.
local function countBefore()
  local low = call('ZCOUNT', set, '-inf', '(' .. cursorScore)
  local high = call('ZCOUNT', set, '-inf', cursorScore)
  local score = call('ZSCORE', set, cursorId)
  if score and tonumber(score) == tonumber(cursorScore) then return call('ZRANK', set, cursorId), 1 end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isLess(call('ZRANGE', set, middle, middle)[1], cursorId) then low = middle + 1 else high = middle end
  end
  return low, 0
end

local first, last, step
if isNewestFirst then
  first = cursorId == '' and call('ZCOUNT', set, '-inf', cursorScore) - 1 or countBefore() - 1
  last, step = call('ZCOUNT', set, '-inf', '(' .. bound), -1
else
  local before, here = 0, 0
  if cursorId == '' then before = call('ZCOUNT', set, '-inf', '(' .. cursorScore) else before, here = countBefore() end
  first = before + here
  last, step = call('ZCOUNT', set, '-inf', bound) - 1, 1
end

local nextScore, nextId, index = cursorScore, cursorId, first
while budget > 0 and #found < limit and (last - index) * step >= 0 do
  local other = index + step * 199
  if (last - other) * step < 0 then other = last end
  local members = call('ZRANGE', set, math.min(index, other), math.max(index, other), 'WITHSCORES')
  -- Cannot happen; but a script that does not end blocks Redis.
  if #members == 0 then error('no members at ' .. index) end
  local from, to = 1, #members - 1
  if isNewestFirst then from, to = to, from end
  for position = from, to, 2 * step do
    local id, score = members[position], members[position + 1]
    local job = jobs .. id
    local failure, failedReason = match(job)
    if failure then collect(id, job, score, failure, failedReason) end
    nextScore, nextId, index = score, id, index + step
    if budget <= 0 or #found >= limit then break end
  end
end
local isEnd = (last - index) * step < 0
return {isEnd and 1 or 0, nextScore, nextId, found, listCounts()}
