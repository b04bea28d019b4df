import { AUDIT_LINES } from '../../keys.ts';
import { LANES } from './fair-queue.ts';
import { ALLOW_WRITES, TOKENS } from './token-bucket.ts';

/** Lua, for the scripts below: KEYS[1] is the base, KEYS[2] the audit stream, ARGV[1] the connection. */
const HOLDING = `${TOKENS}${LANES}${ALLOW_WRITES}
local base, connection = KEYS[1], ARGV[1]
local now = clock()
local connectionKey, heldKey = base .. 'connection:' .. connection, base .. 'held'

local function tell(action, by, who, reason)
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${AUDIT_LINES}, '*', 'action', action, 'connection', connection,
    'by', by, 'who', who, 'reason', reason, 'at', now)
end

local function hold(by, reason, probeAt)
  local bot = redis.call('HGET', connectionKey, 'bot')
  if bot then leaveLine(base, connection, bot) end
  redis.call('HSET', connectionKey, 'by', by, 'reason', reason, 'since', now)
  redis.call('ZADD', heldKey, probeAt, connection)
end

local function reopen()
  redis.call('HDEL', connectionKey, 'by', 'reason', 'since', 'probeAt', 'every', 'first', 'bots', 'events')
  redis.call('ZREM', heldKey, connection)
  local bot = redis.call('HGET', connectionKey, 'bot')
  if not bot then return end
  joinLine(base, connection, bot)
  redis.call('ZADD', base .. 'due', now, bot)
end
`;

/**
 * Lua: counts a refusal, and holds the connection at so many in a row. One of an event says that the bot takes
 * the token, so it ends a row of the others.
 *
 * KEYS: base, audit. ARGV: connection, `bots` or `events`, limit, reason, milliseconds until the first probe.
 * Answers whether the connection is held, and whether by this.
 */
export const STRIKE = `${HOLDING}
local kind, limit, reason, first = ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
if kind == 'events' then redis.call('HDEL', connectionKey, 'bots') end
local count = redis.call('HINCRBY', connectionKey, kind, 1)
local by = redis.call('HGET', connectionKey, 'by')
if by then
  if by == 'refusals' then redis.call('HSET', connectionKey, 'reason', reason) end
  return {1, 0}
end
if count < limit then return {0, 0} end
local probeAt = now + first
hold('refusals', reason, probeAt)
redis.call('HSET', connectionKey, 'probeAt', probeAt, 'every', first, 'first', first)
tell('hold', 'refusals', '', reason)
return {1, 1}
`;

/**
 * Lua: forgets refusals after an event was created, and ends a hold by them.
 *
 * KEYS: base, audit. ARGV: connection. Answers 1 if a hold ended.
 */
export const SUCCEED = `${HOLDING}
if redis.call('HGET', connectionKey, 'by') ~= 'refusals' then
  redis.call('HDEL', connectionKey, 'bots', 'events')
  return 0
end
reopen()
tell('release', 'probe', '', 'an event was created')
return 1
`;

/** Lua: an operator's hold. KEYS: base, audit. ARGV: connection, who, reason. */
export const HOLD = `${HOLDING}
hold('operator', ARGV[3], 'inf')
redis.call('HDEL', connectionKey, 'probeAt', 'every', 'first')
tell('hold', 'operator', ARGV[2], ARGV[3])
`;

/** Lua: an operator's release. KEYS: base, audit. ARGV: connection, who, reason. Answers 1 if it was held. */
export const RELEASE = `${HOLDING}
if not redis.call('HGET', connectionKey, 'by') then return 0 end
reopen()
tell('release', 'operator', ARGV[2], ARGV[3])
return 1
`;

/** Lua: what is held. KEYS: base. Answers connection, by, reason, since, time of the next probe, waiting. */
export const HOLDS = `
local base, holds = KEYS[1], {}
for index, connection in ipairs(redis.call('ZRANGE', base .. 'held', 0, -1)) do
  local c = redis.call('HMGET', base .. 'connection:' .. connection, 'by', 'reason', 'since', 'probeAt')
  local waiting = redis.call('ZCARD', base .. 'lane:' .. connection)
  holds[index] = {connection, c[1], c[2], c[3], c[4] or '', waiting}
end
return holds
`;
