-- Ends the isolation of a delivery whose process survived it.
--
-- KEYS  lock of isolation, hash of the delivery
-- ARGV  job lock of this worker
local isolation, job, lock = KEYS[1], KEYS[2], ARGV[1]

if redis.call('GET', isolation) == lock then redis.call('DEL', isolation) end
redis.call('HDEL', job, FIELD_ISOLATED)
