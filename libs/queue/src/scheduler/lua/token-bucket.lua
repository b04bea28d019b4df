-- A bot's tokens. Each event that is sent takes one; a permit reserves one, which is taken when its delivery starts. So
-- the token is taken where the event is sent, and no delay in between can bunch events up.
--
-- With a capacity of C and a rate of r tokens a millisecond, fewer than C + 60,000 r events are sent in any 60 s. r is
-- chosen so that this is the limit + 1: never more than the limit. C is a twentieth of the limit: what an idle bot may
-- send at once, and what it lacks in a minute of saturation (571 of 600).
--
-- The limit is the least of three:
-- - the configured one;
-- - what Botpress reported (RateLimit-Limit), for 10 minutes, since every response reports it;
-- - what a 429 reduced it to, which grows back by a tenth of the configured limit a minute. One hiccup costs a bot a
--   tenth of two minutes.
--
-- Reading writes nothing: the tokens of now follow from what the last event left. All fields are numbers that these
-- scripts wrote.
--
-- Expects keys.lua and clock.lua.
local ALMOST_ONE = 1 - 1e-9

-- configured: the limit that the caller knows; without it, the stored one.
local function readBot(id, now, configured)
  local key = botKey(id)
  local fields = redis.call('HMGET', key, 'tokens', 'at', 'limit', 'pause', 'cut', 'cutAt', BOT_REPORTED_LIMIT,
    BOT_REPORTED_AT, 'window')
  local tokens, at, stored, pause = fields[1], fields[2], fields[3], fields[4]
  local reduced, reducedAt, reported, reportedAt = fields[5], fields[6], fields[7], fields[8]
  configured = configured or tonumber(stored) or 1
  local limit = configured
  if reduced then limit = math.min(limit, math.max(1, reduced + (now - reducedAt) * configured / 600000)) end
  if reported and now - reportedAt < 600000 then limit = math.min(limit, tonumber(reported)) end
  local bot = {key = key, stored = stored, limit = limit, pause = tonumber(pause) or 0, window = fields[9] or ''}
  bot.capacity = math.max(1, limit / 20)
  bot.rate = (limit + 1 - bot.capacity) / 60000
  bot.tokens = tonumber(tokens) or bot.capacity
  at = tonumber(at) or now
  if at > now then
    -- The clock was set back. Waiting until it catches up would stop the bot for that long.
    redis.call('HSET', key, 'at', now)
    at = now
  end
  bot.tokens = math.min(bot.capacity, bot.tokens + math.max(0, now - math.max(at, bot.pause)) * bot.rate)
  return bot
end

-- Returns when the bot has a token that no permit reserves.
local function readyAt(bot, permits, now)
  local missing = 1 - (bot.tokens - permits)
  return math.max(now, bot.pause) + math.max(0, math.ceil(missing / bot.rate))
end
