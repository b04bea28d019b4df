-- Takes or keeps a lease. One that has four fifths of its time left is not renewed: each write costs an fsync.
--
-- KEYS[1]  lease
-- ARGV[1]  process
-- ARGV[2]  milliseconds
--
-- Returns 1 if the process has the lease, else 0.
local lease, process, duration = KEYS[1], ARGV[1], tonumber(ARGV[2])

local holder = redis.call('GET', lease)
if holder and holder ~= process then return 0 end
if not holder or redis.call('PTTL', lease) < 0.8 * duration then
  redis.call('SET', lease, process, 'PX', duration)
end
return 1
