import { ALLOW_WRITES, TOKENS } from './token-bucket.ts';

/** Milliseconds. Whoever asks for more is asked again after an hour: a slip there must not stop a bot for days. */
const LONGEST_PAUSE = 3_600_000;

/** Milliseconds; the same for a limit that is said to be whole again so late, of a minute's limit. */
const LONGEST_RESET = 120_000;

/** Milliseconds in which 429s are one and the same: the answers of calls that were under way together. */
const ONE_CUT = 10_000;

/**
 * Lua: pauses a bot after a 429, and cuts its limit by a fifth, to no less than a twentieth of what is
 * configured. It starts again with an empty bucket.
 *
 * KEYS: base. ARGV: bot, milliseconds.
 */
export const PAUSE = `${TOKENS}${ALLOW_WRITES}
local now = clock()
local bot = readBot(KEYS[1] .. 'bot:' .. ARGV[1], now)
local f = redis.call('HMGET', bot.key, 'limit', 'cutAt')
if f[1] and now >= bot.pause and now - (f[2] or 0) >= ${ONE_CUT} then
  redis.call('HSET', bot.key, 'cut', math.max(1, f[1] / 20, bot.limit * 0.8), 'cutAt', now)
end
local untilThen = now + math.min(tonumber(ARGV[2]), ${LONGEST_PAUSE})
redis.call('HSET', bot.key, 'tokens', 0, 'at', now, 'pause', math.max(bot.pause, untilThen))
`;

/**
 * Lua: believes what a bot was told of its limit, where it is less than what is configured.
 *
 * KEYS: base. ARGV: bot; limit, remaining, milliseconds until it is whole again, each empty if it was not told.
 */
export const LEARN = `${TOKENS}${ALLOW_WRITES}
local now = clock()
local bot = readBot(KEYS[1] .. 'bot:' .. ARGV[1], now)
local limit, remaining, reset = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local configured = tonumber(redis.call('HGET', bot.key, 'limit'))
if limit and configured then
  if limit < configured then redis.call('HSET', bot.key, 'told', math.max(1, limit), 'toldAt', now)
  else redis.call('HDEL', bot.key, 'told', 'toldAt') end
end
if remaining and remaining < bot.tokens then
  redis.call('HSET', bot.key, 'tokens', math.max(0, remaining), 'at', now)
end
if remaining and remaining <= 0 and reset then
  redis.call('HSET', bot.key, 'pause', math.max(bot.pause, now + math.min(reset, ${LONGEST_RESET})))
end
`;
