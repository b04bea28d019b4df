import { GROUPING } from '../bullmq/group-scripts.ts';
import { BLOOM_FILTER_MARK, MIGHT_CONTAIN } from '../records/bloom-filter.ts';

/**
 * Lua: whether what is stored under a key fits the criteria, the cheapest first: a look at the reason takes 2 µs, at a
 * payload of 8 kB 12 µs. `left` is what the script may still look at, in looks at reasons.
 */
const FITS = `${GROUPING}${MIGHT_CONTAIN}
local call, find = redis.call, string.find
local want = cjson.decode(ARGV[1])
local left, limit, shape = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local LETTER = 3

local function hasAll(text, marks)
  for _, mark in ipairs(marks) do if not find(text, mark, 1, true) then return false end end
  return true
end

local function originFits(key, told, isOurs)
  if isOurs then
    if hasAll(told, want.source) then return true end
    if find(told, '"origin":{', 1, true) then return false end
  end
  if want.needsSource then return false end
  local without = want.without
  local job = call('HMGET', key, 'opts', 'name')
  if without.opts and not find(job[1] or '', without.opts, 1, true) then return false end
  if without.name and job[2] ~= without.name then return false end
  return not without.data or find(call('HGET', key, 'data') or '', without.data, 1, true) ~= nil
end

local function fieldsFit(key)
  for _, field in ipairs(want.fields) do
    local value = call('HGET', key, field.name)
    if field.is and value ~= field.is then return false end
    if field.min and (tonumber(value) or 0) < field.min then return false end
  end
  return true
end

local function detailFits(told)
  for _, marks in ipairs(want.detail) do
    local isThere = false
    for _, mark in ipairs(marks) do isThere = isThere or find(told, mark, 1, true) end
    if not isThere then return false end
  end
  return true
end

local function hasText(text) return type(text) == 'string' and find(string.lower(text), want.text, 1, true) ~= nil end

-- As text first; what stands there may be a name as well, so what passes is decoded.
local function textFits(told, isOurs)
  if not isOurs then return hasText(told) end
  local detail, sieve = find(told, '"detail":', 1, true), find(told, ',"${BLOOM_FILTER_MARK}', 1, true)
  if not hasText(string.sub(told, detail or 1, (sieve or 0) - 1)) then return false end
  local ok, death = pcall(cjson.decode, told)
  if not ok or type(death.detail) ~= 'table' then return true end
  if hasText(death.detail.message) then return true end
  for _, issue in ipairs(death.detail.issues or {}) do
    if hasText(issue.path) or hasText(issue.message) then return true end
  end
  return false
end

local function bodyHas(data)
  if not data then return false end
  left = left - #data / 1024
  -- What is deflated has to be read to be known.
  if string.sub(data, 1, 7) == '{"v":2,' then return true end
  for _, term in ipairs(want.having) do
    if not find(data, term.needle, 1, true) then return false end
  end
  return true
end

-- What an operator has edited is found by what it was, too.
local function payloadFits(key, told, original)
  if not original and not mayHave(told, want.having) then return false end
  return bodyHas(call('HGET', key, 'data')) or bodyHas(original)
end

local hasOrigin, hasDetail, hasHaving = #want.source > 0, #want.detail > 0, #want.having > 0
local function read(key)
  if not hasHaving then return call('HGET', key, 'failedReason') or '' end
  local job = call('HMGET', key, 'failedReason', 'sl:original')
  return job[1] or '', job[2]
end
local cost = 1 + #want.fields + (want.text and 1 or 0) + (hasHaving and 1 or 0)
-- Answers the reason of what fits, as it is stored.
local function look(key)
  left = left - cost
  local told, original = read(key)
  local isOurs = string.sub(told, 1, 11) == '{"reason":"'
  if want.reason and (string.match(told, '^{"reason":"([%w_]+)"') or 'crashed') ~= want.reason then return nil end
  if want.group and groupOf(told) ~= want.group then return nil end
  if not fieldsFit(key) then return nil end
  if hasOrigin and not originFits(key, told, isOurs) then return nil end
  if hasDetail and not detailFits(told) then return nil end
  if want.text and not textFits(told, isOurs) then return nil end
  if hasHaving and not payloadFits(key, told, original) then return nil end
  return told
end

-- What is told of what fits: the letter, its id, or only how many there are of which group.
local found, counts = {}, {}
local function tell(id, key, told, score)
  if shape == 'groups' then
    if told ~= '' then counts[groupOf(told)] = (counts[groupOf(told)] or 0) + 1 end
    return
  end
  if shape == 'ids' then
    found[#found + 1] = id
    return
  end
  left = left - LETTER
  local job = call('HMGET', key, 'opts', 'name', 'timestamp', 'finishedOn', 'atm')
  if not job[1] then return end
  local connection = cjson.decode(job[1]).connection or ''
  found[#found + 1] = {id, connection, told, job[2] or '', job[3] or '0', job[4] or '0', job[5] or '0', score}
end
local function countsAsList()
  local list = {}
  for group, count in pairs(counts) do list[#list + 1] = {group, count} end
  return list
end
`;

/**
 * Lua: looks on from a place in the order of death, which stays a place when what stood there is gone. Dead at the
 * same millisecond are in the order of their ids. Answers whether that was the end, where to look on, what fits, and
 * how many of which group.
 *
 * KEYS: set that is walked, prefix of jobs. ARGV: criteria; how many looks, how many to find; shape of what is told;
 * newest or oldest; score and id of the place, or an empty id; the other bound of the scores.
 */
export const WALK = `${FITS}
local set, prefix = KEYS[1], KEYS[2]
local newest, at, id, bound = ARGV[5] == 'newest', ARGV[6], ARGV[7], ARGV[8]

-- Byte by byte, for the server's locale may compare otherwise.
local function isLess(one, other)
  for index = 1, math.min(#one, #other) do
    local a, b = string.byte(one, index), string.byte(other, index)
    if a ~= b then return a < b end
  end
  return #one < #other
end

-- How many stand before the place; and whether something stands there.
local function before()
  local low, high = call('ZCOUNT', set, '-inf', '(' .. at), call('ZCOUNT', set, '-inf', at)
  local score = call('ZSCORE', set, id)
  if score and tonumber(score) == tonumber(at) then return call('ZRANK', set, id), 1 end
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isLess(call('ZRANGE', set, middle, middle)[1], id) then low = middle + 1 else high = middle end
  end
  return low, 0
end

local first, last, step
if newest then
  first = id == '' and call('ZCOUNT', set, '-inf', at) - 1 or before() - 1
  last, step = call('ZCOUNT', set, '-inf', '(' .. bound), -1
else
  local count, here = 0, 0
  if id == '' then count = call('ZCOUNT', set, '-inf', '(' .. at) else count, here = before() end
  first = count + here
  last, step = call('ZCOUNT', set, '-inf', bound) - 1, 1
end

local lastAt, lastId, index = at, id, first
while left > 0 and #found < limit and (last - index) * step >= 0 do
  local other = index + step * 199
  if (last - other) * step < 0 then other = last end
  local members = call('ZRANGE', set, math.min(index, other), math.max(index, other), 'WITHSCORES')
  -- It cannot be; but a script that did not end would take Redis with it.
  if #members == 0 then error('no members at ' .. index) end
  local from, to = 1, #members - 1
  if newest then from, to = to, from end
  for position = from, to, 2 * step do
    local member = members[position]
    local key = prefix .. member
    local told = look(key)
    if told then tell(member, key, told, members[position + 1]) end
    lastAt, lastId, index = members[position + 1], member, index + step
    if left <= 0 or #found >= limit then break end
  end
end
local isEnd = (last - index) * step < 0
return {isEnd and 1 or 0, lastAt, lastId, found, countsAsList()}
`;

/**
 * Lua: looks at these only. Answers at how many it has looked, and what fits.
 *
 * KEYS: prefix of jobs. ARGV: criteria; how many looks, how many to find; shape of what is told; ids.
 */
export const PICK = `${FITS}
local looked = 0
for index = 5, #ARGV do
  local key = KEYS[1] .. ARGV[index]
  local told = look(key)
  if told then tell(ARGV[index], key, told, '0') end
  looked = looked + 1
  if left <= 0 or #found >= limit then break end
end
return {looked, found}
`;

/** Looks at reasons in one script, between which others get on: some 2 ms, which is what an enqueue may wait for it. */
export const LOOKS = 600;

/** What a script tells of a dead letter that fits. */
export type LetterRow = readonly [
  id: string,
  connection: string,
  failedReason: string,
  topic: string,
  receivedAt: string,
  finishedAt: string,
  attempts: string,
  /** In the set that was walked. */
  score: string,
];
