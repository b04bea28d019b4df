-- Issues permits to queued deliveries and promotes each with BullMQ's script: no crash can come between the two.
--
-- KEYS, ARGV  BullMQ's (promote), then
-- KEYS        base of the scheduler's keys
-- ARGV        most deliveries that one call handles
--
-- Returns how many permits it issued, and in how many milliseconds the next may be due.
local base, jobs, delayed = KEYS[KEY_BASE], ARGV[ARG_KEY_PREFIX], KEYS[KEY_DELAYED]
local most = tonumber(ARGV[ARG_MOST])
--@include keys.lua
--@include clock.lua
--@include token-bucket.lua
--@include window.lua
--@include fair-queue.lua

--@include allow-writes.lua
local now = clock()
local left = math.min(most, MOST_PERMITS - redis.call('ZCARD', permitsKey))
-- Skipped deliveries, which no longer exist, count as well.
local work, issued = 5 * most, 0

local function promote(id, delayedUntil)
  redis.call('HSET', jobs .. id, FIELD_PERMIT, delayedUntil)
  ARGV[ARG_ID] = id
  bullmq()
end

-- Windows of the workspaces that this call has seen, by their text.
local windows = {}
local function windowOf(bucket)
  local text = bucket.window
  if text == '' then return nil end
  if windows[text] == nil then
    local window = readWindow(text, now) or false
    if window then window.waiting, window.served = {}, {} end
    windows[text] = window
  end
  return windows[text] or nil
end

local function issueCall(window)
  window.issued = window.issued + window.interval
  window.isChanged = true
end

-- Issues a permit to the first delivery of a connection. Returns whether it did, and whether there was a delivery.
local function issuePermit(connection, bot)
  local id = redis.call('ZPOPMIN', queueKey(connection))[1]
  if not id then return false, false end
  work = work - 1
  local fields = redis.call('HMGET', jobs .. id,
    FIELD_TIMESTAMP, FIELD_FINISHED_ON, FIELD_PRIORITY, FIELD_REPLACED_PRIORITY)
  local exists, isFinished, priority, replacedPriority = fields[1], fields[2], fields[3], fields[4]
  if not exists or isFinished then return false, true end
  redis.call('ZADD', botPermitsKey(bot), now, id)
  redis.call('ZADD', permitsKey, now + CHECK_AFTER, permitMember(id, bot))
  if not replacedPriority then
    redis.call('HSET', jobs .. id, FIELD_REPLACED_PRIORITY, priority or 0, FIELD_PRIORITY, PERMIT_PRIORITY)
  end
  -- Without a score its timeout has passed and it is queued already.
  local delayedUntil = redis.call('ZSCORE', delayed, id)
  if delayedUntil then promote(id, delayedUntil) end
  left, issued = left - 1, issued + 1
  return true, true
end

-- Checks permits that were not used.
for _, member in ipairs(redis.call('ZRANGEBYSCORE', permitsKey, '-inf', now, 'LIMIT', 0, most)) do
  local id, bot = string.match(member, '^([^:]*):(.*)$')
  local issuedAt = redis.call('ZSCORE', botPermitsKey(bot), id)
  local fields = redis.call('HMGET', jobs .. id, FIELD_TIMESTAMP, FIELD_FINISHED_ON, FIELD_PERMIT)
  local exists, isFinished, delayedUntilThen = fields[1], fields[2], fields[3]
  local delayedUntil = redis.call('ZSCORE', delayed, id)
  if issuedAt and exists and delayedUntil and delayedUntil == delayedUntilThen then
    redis.call('ZADD', botPermitsKey(bot), now, id)
    redis.call('ZADD', permitsKey, now + CHECK_AFTER, member)
    promote(id, delayedUntil)
  elseif not issuedAt or not exists or isFinished or delayedUntil or now - issuedAt >= PERMIT_LASTS then
    -- It is gone, was delayed for another reason, or its worker does not ask.
    revokePermit(bot, id, now)
  else
    redis.call('ZADD', permitsKey, now + CHECK_AFTER, member)
  end
end

-- Probes held connections. They come first: a bot that other connections keep busy would never have a token for one.
for _, connection in ipairs(redis.call('ZRANGEBYSCORE', heldKey, '-inf', now, 'LIMIT', 0, most)) do
  if left <= 0 or work <= 0 then break end
  local state = redis.call('HMGET', connectionKey(connection), 'by', 'bot', 'probeAt')
  local heldBy, bot, probeAt = state[1], state[2], state[3]
  local checkAt = 'inf'
  if heldBy == 'refusals' and bot then
    local bucket = readBot(bot, now)
    local ready = readyAt(bucket, redis.call('ZCARD', botPermitsKey(bot)), now)
    local window = windowOf(bucket)
    if window then ready = math.max(ready, now + windowWait(window, now)) end
    if tonumber(probeAt) > now then checkAt = probeAt
    elseif ready > now then checkAt = ready
    else
      local isIssued, wasQueued
      repeat isIssued, wasQueued = issuePermit(connection, bot) until isIssued or not wasQueued or work <= 0
      if isIssued and window then issueCall(window) end
      if isIssued then checkAt = now + PROBE_LOST_AFTER elseif wasQueued then checkAt = now end
    end
  end
  redis.call('ZADD', heldKey, checkAt, connection)
end

-- Serves the connection with the least virtual time. Returns whether it issued a permit, and whether to go on.
local function serveNext(bot, bucket)
  local fairQueue = fairQueueKey(bot)
  local first = redis.call('ZRANGE', fairQueue, 0, 0, 'WITHSCORES')
  local connection, time = first[1], tonumber(first[2])
  if not connection then return false, false end
  local isIssued, wasQueued = issuePermit(connection, bot)
  if wasQueued then bucket.served = bucket.served + 1 end
  local finish = time
  if isIssued then
    finish = time + 1 / (tonumber(redis.call('HGET', connectionKey(connection), 'share')) or 1)
    bucket.time = time
  end
  if redis.call('EXISTS', queueKey(connection)) == 1 then
    if isIssued then redis.call('ZADD', fairQueue, finish, connection) end
  else
    redis.call('ZREM', fairQueue, connection)
    redis.call('HSET', connectionKey(connection), 'finish', finish)
    bucket.latestTime = math.max(bucket.latestTime, finish)
  end
  return isIssued, true
end

-- Serves a bot while it may send. Returns whether it is to be served once more, after the others: while bots of its
-- workspace wait for the window, each gets one permit in turn.
local function serve(bot)
  local bucket = readBot(bot, now)
  local permits = redis.call('ZCARD', botPermitsKey(bot))
  local times = redis.call('HMGET', bucket.key, 'v', 'vmax')
  bucket.time, bucket.latestTime, bucket.served = tonumber(times[1]) or 0, tonumber(times[2]) or 0, 0
  local window = windowOf(bucket)
  local takesTurns = window and window.crowded > now
  local function isBlocked() return window and windowWait(window, now) > 0 end
  local ready, goesOn, issuedBefore = readyAt(bucket, permits, now), true, issued
  while goesOn and ready <= now and not isBlocked() and left > 0 and work > 0 do
    local isIssued
    isIssued, goesOn = serveNext(bot, bucket)
    if isIssued then
      permits = permits + 1
      ready = readyAt(bucket, permits, now)
      if window then issueCall(window) end
      if takesTurns then goesOn = false end
    end
  end
  if redis.call('EXISTS', fairQueueKey(bot)) == 1 then
    if bucket.served > 0 then redis.call('HINCRBY', bucket.key, 'waiting', -bucket.served) end
    redis.call('HSET', bucket.key, 'v', bucket.time, 'vmax', bucket.latestTime)
    if ready <= now and takesTurns and issued > issuedBefore then return true end
    if ready <= now and isBlocked() then
      local bots = issued > issuedBefore and window.served or window.waiting
      bots[#bots + 1] = bot
    else redis.call('ZADD', dueKey, ready, bot) end
  else
    -- No delivery waits: all connections are even.
    redis.call('HSET', bucket.key, 'v', math.max(bucket.time, bucket.latestTime), 'vmax', 0, 'waiting', 0)
    redis.call('ZREM', dueKey, bot)
  end
  return false
end

local round = redis.call('ZRANGEBYSCORE', dueKey, '-inf', now, 'LIMIT', 0, most)
while #round > 0 and left > 0 and work > 0 do
  local once = {}
  for _, bot in ipairs(round) do
    if left <= 0 or work <= 0 then break end
    if serve(bot) then once[#once + 1] = bot end
  end
  round = once
end

-- Bots that the window of their workspace makes wait get its next calls in turn: first those that got none just now. The
-- fraction of a millisecond keeps their order.
for _, window in pairs(windows) do
  if window then
    local ready, place = now + windowWait(window, now), 0
    for _, bots in ipairs({window.waiting, window.served}) do
      for _, bot in ipairs(bots) do
        redis.call('ZADD', dueKey, ready + place / 1024, bot)
        place = place + 1
      end
    end
    local crowded = place > 0 and now + CROWDED_FOR or 0
    if window.isChanged or crowded > 0 or window.crowded > now then
      redis.call('HSET', window.key, 'issued', window.issued, 'crowded', crowded)
    end
  end
end

local wait = 60000
for _, key in ipairs({dueKey, permitsKey, heldKey}) do
  local next = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
  if next then wait = math.min(wait, math.max(0, next - now)) end
end
return {issued, wait}
