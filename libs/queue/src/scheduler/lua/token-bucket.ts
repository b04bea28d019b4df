/**
 * Lua: a bot's tokens. One is spent on each event that is sent; a delivery that was given a turn has one
 * reserved, which is spent when it begins. So what limits is spent where the event is sent, and no delay in
 * between can bunch events up.
 *
 * With a capacity of C and r tokens a millisecond, fewer than C + 60,000 r events go in any 60 s. r is such
 * that this is the limit + 1, so never more than the limit. C is a twentieth of the limit: what a bot that was
 * idle may send at once, and what it lacks in a minute of saturation (571 of 600).
 *
 * The limit is the least of three:
 * - the configured one;
 * - what the bot was told (RateLimit-Limit), for 10 minutes, for it is told with every answer;
 * - what a 429 cut it down to, which grows again by a tenth of the configured limit a minute. One hiccup costs
 *   a bot a tenth of two minutes.
 *
 * Nothing is written for reading: the tokens of now follow from what the last event left.
 */
export const TOKENS = `
local ONE = 1 - 1e-9

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000), time[1] * 1000000 + time[2]
end

local function readBot(key, now, asked)
  local f = redis.call('HMGET', key, 'tokens', 'at', 'limit', 'pause', 'cut', 'cutAt', 'told', 'toldAt')
  local configured = asked or tonumber(f[3]) or 1
  local limit = configured
  if f[5] then limit = math.min(limit, math.max(1, f[5] + (now - f[6]) * configured / 600000)) end
  if f[7] and now - f[8] < 600000 then limit = math.min(limit, tonumber(f[7])) end
  local bot = {key = key, stored = f[3], limit = limit, pause = tonumber(f[4]) or 0}
  bot.capacity = math.max(1, limit / 20)
  bot.rate = (limit + 1 - bot.capacity) / 60000
  bot.tokens = tonumber(f[1]) or bot.capacity
  local at = tonumber(f[2]) or now
  if at > now then
    -- The clock was set back. Waiting for it to catch up would stop the bot for as long.
    redis.call('HSET', key, 'at', now)
    at = now
  end
  bot.tokens = math.min(bot.capacity, bot.tokens + math.max(0, now - math.max(at, bot.pause)) * bot.rate)
  return bot
end

-- When there is a token that nobody has reserved.
local function readyAt(bot, outstanding, now)
  local lacking = 1 - (bot.tokens - outstanding)
  return math.max(now, bot.pause) + math.max(0, math.ceil(lacking / bot.rate))
end
`;

/**
 * Lua: a write that needs no memory. A Redis that is full lets those after it through; what the gate does
 * then makes room.
 */
export const ALLOW_WRITES = `redis.call('PERSIST', KEYS[1])
`;
