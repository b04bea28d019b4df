-- Decides whether a delivery may be sent now, and records that an attempt starts if so.
--
-- KEYS[1]  base of the scheduler's keys
-- ARGV[1]  job of the delivery
-- ARGV[2]  id of the delivery
-- ARGV[3]  lock of the reserved job
-- ARGV[4]  connection
-- ARGV[5]  bot
-- ARGV[6]  the bot's limit, events a minute
-- ARGV[7]  milliseconds to which the lock is renewed
-- ARGV[8]  start of the attempt that was looked up and left no event, or 0
-- ARGV[9]  milliseconds for which other calls of the connection block this one
-- ARGV[10] window of the bot's workspace, as in window.lua; '' without one
--
-- Returns one of these, with times in milliseconds from now unless stated otherwise:
--   {'granted', start of the attempt (ms since the epoch), 1 if a success ends failures or a hold, delay, wait}
--   {'in_doubt', start of an earlier attempt (ms since the epoch), its age, events of the delivery that its bot failed or
--     ignored, delay}
--   {'paced', time until it asks again at the latest}
--   {'later', time until it asks again}
--   {'held', time until it asks again at the latest, reason, what holds it}
--   {'lost'}: another worker has the delivery
-- `delay` is 'replay' for a replayed delivery, 'queue' for one that has waited in its connection's queue, before this
-- attempt or an earlier one. `wait` is how long it waited there for the bot's limit until now. Both are left out otherwise.
local base = KEYS[1]
local job, id, lock, connection, bot = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local limit, lockDuration = ARGV[6], ARGV[7]
local absentAttempt, notBefore, windowText = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10]
--@include keys.lua
--@include clock.lua
--@include token-bucket.lua
--@include window.lua
--@include fair-queue.lua

if redis.call('GET', job .. JOB_LOCK) ~= lock then return {'lost'} end
-- A full Redis refuses a script at its first write, unless that write needs no memory. This one needs none.
redis.call('PEXPIRE', job .. JOB_LOCK, lockDuration)
local now, micros = clock()
local fairQueue, botPermits = fairQueueKey(bot), botPermitsKey(bot)
local issuedAt, permits, hasFairQueue = false, 0, false
if redis.call('EXISTS', fairQueue, botPermits) > 0 then
  issuedAt = redis.call('ZSCORE', botPermits, id)
  permits = redis.call('ZCARD', botPermits)
  hasFairQueue = redis.call('EXISTS', fairQueue) == 1
end
local hasPermit = issuedAt and now - issuedAt < PERMIT_LASTS

local fields = redis.call('HMGET', job,
  FIELD_ATTEMPT_STARTED_AT, FIELD_QUEUE_POSITION, FIELD_REPLACED_PRIORITY, FIELD_WAITED, FIELD_REPLAY,
  FIELD_EVENTS)
local startedAt, position, priority, waited, replay =
  tonumber(fields[1]), tonumber(fields[2]), fields[3], fields[4], fields[5]
-- The queue of an earlier build has positions without FIELD_WAITED.
local delay = replay and 'replay' or (position or waited) and 'queue' or nil
local state = redis.call('HMGET', connectionKey(connection),
  'by', 'probeAt', 'reason', 'every', 'first', 'bots', 'events')
local heldBy, probeAt, reason, probeEvery, firstProbe = state[1], state[2], state[3], state[4], state[5]
local hasFailures = state[6] or state[7]

local function leaveQueue()
  if not position or hasPermit then return end
  if redis.call('ZREM', queueKey(connection), id) == 1 and not heldBy then
    redis.call('HINCRBY', botKey(bot), 'waiting', -1)
  end
end

if startedAt and startedAt ~= absentAttempt then
  -- It may wait for its event to appear and must not be dispatched before.
  leaveQueue()
  if issuedAt then revokePermit(bot, id, now) end
  return {'in_doubt', startedAt, now - startedAt, fields[6] or '', delay}
end
if startedAt then redis.call('HDEL', job, FIELD_ATTEMPT_STARTED_AT) end

local function wait(outcome)
  if issuedAt then revokePermit(bot, id, now) end
  return outcome
end

local isProbe = heldBy == 'refusals' and now >= tonumber(probeAt)
if heldBy and not isProbe then return wait({'held', HELD_TIMEOUT, reason, heldBy}) end
local bucket = readBot(bot, now, tonumber(limit))
local tokens = bucket.tokens
if not hasPermit then tokens = tokens - permits end
local function pace()
  if isProbe then return wait({'held', HELD_TIMEOUT, reason, heldBy}) end
  local waiting = math.max(0, tonumber(redis.call('HGET', bucket.key, 'waiting')) or 0)
  -- Much later than its expected dispatch.
  return wait({'paced', math.max(0, bucket.pause - now) + math.ceil(2 * waiting / bucket.rate) + PACED_TIMEOUT})
end
if now < bucket.pause or tokens < ALMOST_ONE or (hasFairQueue and not hasPermit and not isProbe) then
  return pace()
end

-- It keeps its permit, if it has one: it is back before the permit is checked.
local function askAgain(after)
  if issuedAt then redis.call('ZADD', permitsKey, now + after + CHECK_AFTER, permitMember(id, bot)) end
  return {'later', after}
end
if notBefore > 0 then
  if notBefore > SOON and not hasPermit then return wait({'paced', PACED_TIMEOUT}) end
  return askAgain(notBefore)
end

local window = readWindow(windowText, now)
if window and hasPermit then
  local after = permitWait(window, now)
  if after > 0 then return askAgain(after) end
elseif window then
  if windowWait(window, now) > 0 or (now < window.crowded and not isProbe) then return pace() end
end

if issuedAt then removePermit(bot, id) end
if bucket.stored ~= limit or bucket.window ~= windowText then storeLimit(bot, limit, windowText, now) end
if window then
  local counts = readEvents(window.stored, now)
  -- The event of an attempt that left none is counted already.
  local event = startedAt and 0 or 1
  redis.call('HSET', window.key, 'minute', counts.minute, 'events', counts.events + event, 'before', counts.before,
    'month', counts.month, 'monthEvents', counts.monthEvents + event, takeCall(window, now, hasPermit))
end
redis.call('HSET', bucket.key, 'tokens', bucket.tokens - 1, 'at', now)
redis.call('HSET', job, FIELD_ATTEMPT_STARTED_AT, now)
if position or priority then
  leaveQueue()
  redis.call('HDEL', job, FIELD_QUEUE_POSITION, FIELD_PERMIT, FIELD_REPLACED_PRIORITY)
  if priority then redis.call('HSET', job, FIELD_PRIORITY, priority) end
end
if isProbe then
  local every = math.min(probeEvery * 2, firstProbe * 10)
  redis.call('HSET', connectionKey(connection), 'every', every, 'probeAt', now + every)
  redis.call('ZADD', heldKey, now + every, connection)
end
local pacedFor
if position and waited == 'paced' then
  pacedFor = math.max(0, math.floor((micros - position % REPLAYS_BEHIND) / 1000))
end
return {'granted', now, (heldBy or hasFailures) and 1 or 0, delay, pacedFor}
