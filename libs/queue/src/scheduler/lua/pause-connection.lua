-- Holds a connection for an operator.
--
-- KEYS     see circuit-breaker.lua
-- ARGV[2]  who
-- ARGV[3]  reason
local who, reason = ARGV[2], ARGV[3]
--@include circuit-breaker.lua

hold('operator', reason, 'inf')
redis.call('HDEL', stateKey, 'probeAt', 'every', 'first')
audit('hold', 'operator', who, reason)
