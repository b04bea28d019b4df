-- Pauses a bot after a 429, and reduces its limit by a fifth, to no less than a twentieth of the configured one. The bot
-- starts again with an empty bucket.
--
-- Without a duration the pauses grow: one second, and twice the last one if that ended just now, up to a minute. 429s
-- during a pause belong to calls that were in flight when it began: they do not extend it.
--
-- KEYS[1]  base of the scheduler's keys
-- ARGV[1]  bot
-- ARGV[2]  milliseconds; '' if Botpress stated none
local base, bot, duration = KEYS[1], ARGV[1], tonumber(ARGV[2])
--@include keys.lua
--@include clock.lua
--@include token-bucket.lua

--@include allow-writes.lua
local now = clock()
local bucket = readBot(bot, now)
local fields = redis.call('HMGET', bucket.key, 'limit', 'cutAt', 'backoff')
local configured, reducedAt, backoff = fields[1], fields[2], tonumber(fields[3])
if configured and now >= bucket.pause and now - (reducedAt or 0) >= ONE_REDUCTION then
  redis.call('HSET', bucket.key, 'cut', math.max(1, configured / 20, bucket.limit * 0.8), 'cutAt', now)
end
local pausedUntil = bucket.pause
if duration then
  pausedUntil = now + math.min(duration, LONGEST_PAUSE)
elseif now >= bucket.pause then
  local isRepeated = backoff and now - bucket.pause <= math.max(FORGOTTEN_AFTER, backoff)
  backoff = isRepeated and math.min(backoff * 2, LONGEST_BACKOFF) or FIRST_BACKOFF
  redis.call('HSET', bucket.key, 'backoff', backoff)
  pausedUntil = now + backoff
end
redis.call('HSET', bucket.key, 'tokens', 0, 'at', now, 'pause', math.max(bucket.pause, pausedUntil))
