-- Raises a number to a minimum.
--
-- KEYS[1]  number
-- ARGV[1]  minimum
--
-- Returns the number.
local key, minimum = KEYS[1], tonumber(ARGV[1])

local current = tonumber(redis.call('GET', key) or '1')
if current >= minimum then return current end
redis.call('SET', key, minimum)
return minimum
