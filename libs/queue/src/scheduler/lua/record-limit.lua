-- Records the limit that Botpress reported for a bot, where it is below the configured one.
--
-- KEYS[1]  base of the scheduler's keys
-- ARGV[1]  bot
-- ARGV[2]  limit; '' if it was not reported, as with the next two
-- ARGV[3]  remaining calls
-- ARGV[4]  milliseconds until the limit is whole again
local base, bot = KEYS[1], ARGV[1]
local limit, remaining, reset = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
--@include keys.lua
--@include clock.lua
--@include token-bucket.lua

--@include allow-writes.lua
local now = clock()
local bucket = readBot(bot, now)
local configured = tonumber(redis.call('HGET', bucket.key, 'limit'))
if limit and configured then
  if limit < configured then redis.call('HSET', bucket.key, BOT_REPORTED_LIMIT, math.max(1, limit), BOT_REPORTED_AT, now)
  else redis.call('HDEL', bucket.key, BOT_REPORTED_LIMIT, BOT_REPORTED_AT) end
end
if remaining and remaining < bucket.tokens then
  redis.call('HSET', bucket.key, 'tokens', math.max(0, remaining), 'at', now)
end
if remaining and remaining <= 0 and reset then
  redis.call('HSET', bucket.key, 'pause', math.max(bucket.pause, now + math.min(reset, LONGEST_RESET)))
end
