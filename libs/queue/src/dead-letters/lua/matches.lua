-- Decides whether a dead letter matches the criteria of a filter (criteria.ts), and collects the results. The cheapest
-- comes first: a look at a stored failure takes 2 µs, at a payload of 8 kB 12 µs.
--
-- ARGV[1]  criteria, as JSON
-- ARGV[2]  budget of the script, in looks at stored failures
-- ARGV[3]  most results
-- ARGV[4]  shape of the results: 'rows', 'ids' or 'groups'
--@include ../../bullmq/lua/groups.lua
--@include bloom-filter.lua
local call, find = redis.call, string.find
local criteria = cjson.decode(ARGV[1])
local budget, limit, shape = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local ROW_COST = 3

local function hasAll(text, marks)
  for _, mark in ipairs(marks) do if not find(text, mark, 1, true) then return false end end
  return true
end

-- A failure in BullMQ's words has no source: the job itself is looked at.
local function matchesSource(job, failure, isOurs)
  if isOurs then
    if hasAll(failure, criteria.source) then return true end
    if find(failure, '"origin":{', 1, true) then return false end
  end
  if criteria.needsSource then return false end
  local wanted = criteria.without
  local options, name = unpack(call('HMGET', job, FIELD_OPTS, FIELD_NAME))
  if wanted.opts and not find(options or '', wanted.opts, 1, true) then return false end
  if wanted.name and name ~= wanted.name then return false end
  return not wanted.data or find(call('HGET', job, FIELD_DATA) or '', wanted.data, 1, true) ~= nil
end

local function matchesFields(job)
  for _, field in ipairs(criteria.fields) do
    local value = call('HGET', job, field.name)
    if field.is and value ~= field.is then return false end
    if field.min and (tonumber(value) or 0) < field.min then return false end
  end
  return true
end

local function matchesDetail(failure)
  for _, marks in ipairs(criteria.detail) do
    local hasAny = false
    for _, mark in ipairs(marks) do hasAny = hasAny or find(failure, mark, 1, true) end
    if not hasAny then return false end
  end
  return true
end

local function hasText(text)
  return type(text) == 'string' and find(string.lower(text), criteria.text, 1, true) ~= nil
end

-- The message is the failed reason; of an earlier version, it is within the stored failure. The stored text comes first.
-- It may match in a name as well, so a match is decoded.
local function matchesText(failure, failedReason, isOurs)
  if hasText(failedReason) and failure ~= failedReason then return true end
  if not isOurs then return hasText(failure) end
  local detail, filter = find(failure, '"detail":', 1, true), find(failure, ',"' .. BLOOM_MARK, 1, true)
  if not hasText(string.sub(failure, detail or 1, (filter or 0) - 1)) then return false end
  local ok, decoded = pcall(cjson.decode, failure)
  if not ok or type(decoded.detail) ~= 'table' then return true end
  if hasText(decoded.detail.message) then return true end
  for _, issue in ipairs(decoded.detail.issues or {}) do
    if hasText(issue.path) or hasText(issue.message) then return true end
  end
  return false
end

local function dataContains(data)
  if not data then return false end
  budget = budget - #data / 1024
  -- A compressed body cannot be searched here: the caller decides.
  if string.sub(data, 1, 7) == '{"v":2,' then return true end
  for _, value in ipairs(criteria.having) do
    if not find(data, value.needle, 1, true) then return false end
  end
  return true
end

-- An edited delivery is found by its original payload, too.
local function matchesPayload(job, failure, original)
  if not original and not mightContain(failure, criteria.having) then return false end
  return dataContains(call('HGET', job, FIELD_DATA)) or dataContains(original)
end

local hasSource, hasDetail, hasPayload = #criteria.source > 0, #criteria.detail > 0, #criteria.having > 0

-- Returns the field of the failure, the failed reason and, if payloads are searched, the original data.
local function read(job)
  if not hasPayload then return unpack(call('HMGET', job, FIELD_FAILURE, FIELD_FAILED_REASON)) end
  return unpack(call('HMGET', job, FIELD_FAILURE, FIELD_FAILED_REASON, FIELD_ORIGINAL))
end

local function reasonOf(failure) return string.match(failure, '^{"reason":"([%w_]+)"') or 'crashed' end

local cost = 1 + #criteria.fields + (criteria.text and 1 or 0) + (hasPayload and 1 or 0)

-- Returns the stored failure and the failed reason of a dead letter that matches.
local function match(job)
  budget = budget - cost
  local field, failedReason, original = read(job)
  local failure = failureOf(field, failedReason)
  local isOurs = string.sub(failure, 1, 11) == '{"reason":"'
  if criteria.reason and reasonOf(failure) ~= criteria.reason then return nil end
  if criteria.group and groupOf(failure) ~= criteria.group then return nil end
  if not matchesFields(job) then return nil end
  if hasSource and not matchesSource(job, failure, isOurs) then return nil end
  if hasDetail and not matchesDetail(failure) then return nil end
  if criteria.text and not matchesText(failure, failedReason, isOurs) then return nil end
  if hasPayload and not matchesPayload(job, failure, original) then return nil end
  return failure, failedReason
end

local found, counts = {}, {}

-- Adds a dead letter that matches to the results.
local function collect(id, job, score, failure, failedReason)
  if shape == 'groups' then
    if failure ~= '' then counts[groupOf(failure)] = (counts[groupOf(failure)] or 0) + 1 end
    return
  end
  if shape == 'ids' then
    found[#found + 1] = id
    return
  end
  budget = budget - ROW_COST
  local options, name, timestamp, finishedOn, attempts = unpack(
    call('HMGET', job, FIELD_OPTS, FIELD_NAME, FIELD_TIMESTAMP, FIELD_FINISHED_ON, FIELD_ATTEMPTS_MADE))
  if not options then return end
  local connection = cjson.decode(options).connection or ''
  found[#found + 1] = {
    id, connection, failure ~= failedReason and failure or '', failedReason or '',
    name or '', timestamp or '0', finishedOn or '0', attempts or '0', score,
  }
end

local function listCounts()
  local list = {}
  for group, count in pairs(counts) do list[#list + 1] = {group, count} end
  return list
end
