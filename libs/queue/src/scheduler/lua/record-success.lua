-- Forgets failures after an event was created, and closes the circuit.
--
-- KEYS, ARGV  see circuit-breaker.lua
--
-- Returns 1 if the circuit was open.
--@include circuit-breaker.lua

if redis.call('HGET', stateKey, 'by') ~= 'refusals' then
  redis.call('HDEL', stateKey, 'bots', 'events')
  return 0
end
release()
audit('release', 'probe', '', 'an event was created')
return 1
