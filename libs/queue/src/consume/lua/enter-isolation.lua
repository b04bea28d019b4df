-- Admits a delivery to isolation: one at a time across all workers.
--
-- KEYS  lock of isolation, hash of the delivery, its job lock
-- ARGV  job lock of this worker, milliseconds after which isolation is free again, maximum crashes in isolation
--
-- Returns admitted, busy (another delivery is in isolation), poisoned (it has crashed too often) or lost (another worker
-- has the delivery).
local isolation, job, jobLock = KEYS[1], KEYS[2], KEYS[3]
local lock, duration, mostCrashes = ARGV[1], ARGV[2], tonumber(ARGV[3])

if redis.call('GET', jobLock) ~= lock then return 'lost' end
if not redis.call('SET', isolation, lock, 'NX', 'PX', duration) then return 'busy' end
if redis.call('HINCRBY', job, FIELD_ISOLATED, 1) > mostCrashes then
  redis.call('DEL', isolation)
  return 'poisoned'
end
return 'admitted'
