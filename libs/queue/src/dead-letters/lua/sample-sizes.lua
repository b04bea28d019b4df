-- Estimates the size of dead letters by a sample, evenly from the newest to the oldest.
--
-- KEYS[1]  failed set
-- KEYS[2]  prefix of the jobs
-- ARGV[1]  size of the sample
--
-- Returns how many dead letters there are, and the mean of their sizes in bytes.
--@include size-of.lua
local failed, jobs = KEYS[1], KEYS[2]
local count = redis.call('ZCARD', failed)
local samples = math.min(count, tonumber(ARGV[1]))
local sum = 0
for sample = 0, samples - 1 do
  local index = math.floor(sample * count / samples)
  sum = sum + sizeOf(jobs .. redis.call('ZREVRANGE', failed, index, index)[1])
end
return {count, samples > 0 and math.floor(sum / samples + 0.5) or 0}
