-- Parks a delivery: BullMQ delays it, and it enters the queue of its connection.
--
-- KEYS, ARGV  BullMQ's (moveToDelayed), then
-- KEYS        base of the scheduler's keys
-- ARGV        connection, bot, share, the bot's limit, the window of its workspace
--
-- Returns BullMQ's reply: negative if refused, and then nothing has changed.
local base, job, delayed = KEYS[KEY_BASE], KEYS[KEY_JOB], KEYS[KEY_DELAYED]
local id, connection, bot = ARGV[ARG_ID], ARGV[ARG_CONNECTION], ARGV[ARG_BOT]
local share, limit, window = ARGV[ARG_SHARE], ARGV[ARG_LIMIT], ARGV[ARG_WINDOW]
--@include keys.lua
--@include clock.lua
--@include fair-queue.lua

local now, micros = clock()
local hasPermit = redis.call('ZSCORE', botPermitsKey(bot), id)
local fields = redis.call('HMGET', job, FIELD_QUEUE_POSITION, FIELD_REPLAY)
local position, replay = tonumber(fields[1]), fields[2]

local reply = bullmq()
if type(reply) == 'number' and reply < 0 then return reply end
if hasPermit then
  -- It asked again after its timeout, and got a permit from the queue after that. The permit is checked at once.
  redis.call('HSET', job, FIELD_PERMIT, redis.call('ZSCORE', delayed, id))
  redis.call('ZADD', permitsKey, now, permitMember(id, bot))
  return reply
end

local state = redis.call('HMGET', connectionKey(connection), 'bot', 'share', 'by', 'probeAt')
local storedBot, storedShare, heldBy, probeAt = state[1], state[2], state[3], state[4]
if storedBot ~= bot or storedShare ~= share then
  if storedBot and storedBot ~= bot then
    -- The connection has another bot now, and its queue moves to it. Its virtual time belongs to the former bot.
    leaveFairQueue(connection, storedBot)
    redis.call('HDEL', connectionKey(connection), 'finish')
  end
  redis.call('HSET', connectionKey(connection), 'bot', bot, 'share', share)
end

if not position then
  -- Replays wait behind all live deliveries, as long as there are any.
  position = replay and micros + REPLAYS_BEHIND or micros
  redis.call('HSET', job, FIELD_QUEUE_POSITION, position, FIELD_WAITED, heldBy and 'held' or 'paced')
end
local added = redis.call('ZADD', queueKey(connection), position, id)
local stored = redis.call('HMGET', botKey(bot), 'limit', 'window')
if stored[1] ~= limit or (stored[2] or '') ~= window then storeLimit(bot, limit, window, now) end
if heldBy then
  -- The last probe found nothing to send.
  if heldBy == 'refusals' and redis.call('ZSCORE', heldKey, connection) == 'inf' then
    redis.call('ZADD', heldKey, probeAt, connection)
  end
  return reply
end
if not redis.call('ZSCORE', fairQueueKey(bot), connection) then enterFairQueue(connection, bot)
elseif added == 1 then redis.call('HINCRBY', botKey(bot), 'waiting', 1) end
redis.call('ZADD', dueKey, 'NX', now, bot)
return reply
