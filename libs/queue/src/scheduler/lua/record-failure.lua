-- Counts a failure of a connection, and opens its circuit at the limit. A refused event shows that the bot accepts the
-- token, so it resets the count of the bot's failures.
--
-- KEYS     see circuit-breaker.lua
-- ARGV[2]  kind: 'bots' or 'events'
-- ARGV[3]  failures in a row that open the circuit
-- ARGV[4]  reason
-- ARGV[5]  milliseconds until the first probe
--
-- Returns whether the connection is held, and whether this failure did it.
local kind, limit, reason, firstProbe = ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
--@include circuit-breaker.lua

if kind == 'events' then redis.call('HDEL', stateKey, 'bots') end
local failures = redis.call('HINCRBY', stateKey, kind, 1)
local heldBy = redis.call('HGET', stateKey, 'by')
if heldBy then
  if heldBy == 'refusals' then redis.call('HSET', stateKey, 'reason', reason) end
  return {1, 0}
end
if failures < limit then return {0, 0} end
local probeAt = now + firstProbe
hold('refusals', reason, probeAt)
redis.call('HSET', stateKey, 'probeAt', probeAt, 'every', firstProbe, 'first', firstProbe)
audit('hold', 'refusals', '', reason)
return {1, 1}
