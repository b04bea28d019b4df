-- Pauses a bot after a 429, and reduces its limit by a fifth, to no less than a twentieth of the configured one. The bot
-- starts again with an empty bucket.
--
-- KEYS[1]  base of the scheduler's keys
-- ARGV[1]  bot
-- ARGV[2]  milliseconds
local base, bot, duration = KEYS[1], ARGV[1], tonumber(ARGV[2])
--@include keys.lua
--@include clock.lua
--@include token-bucket.lua

--@include allow-writes.lua
local now = clock()
local bucket = readBot(bot, now)
local fields = redis.call('HMGET', bucket.key, 'limit', 'cutAt')
local configured, reducedAt = fields[1], fields[2]
if configured and now >= bucket.pause and now - (reducedAt or 0) >= ONE_REDUCTION then
  redis.call('HSET', bucket.key, 'cut', math.max(1, configured / 20, bucket.limit * 0.8), 'cutAt', now)
end
local pausedUntil = now + math.min(duration, LONGEST_PAUSE)
redis.call('HSET', bucket.key, 'tokens', 0, 'at', now, 'pause', math.max(bucket.pause, pausedUntil))
