-- Ends a hold of either kind for an operator.
--
-- KEYS     see circuit-breaker.lua
-- ARGV[2]  who
-- ARGV[3]  reason
--
-- Returns 1 if the connection was held.
local who, reason = ARGV[2], ARGV[3]
--@include circuit-breaker.lua

if not redis.call('HGET', stateKey, 'by') then return 0 end
release()
audit('release', 'operator', who, reason)
return 1
