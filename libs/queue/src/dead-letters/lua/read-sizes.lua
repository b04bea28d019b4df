-- Returns the sizes of dead letters in bytes, the newest first.
--
-- KEYS[1]  failed set
-- KEYS[2]  prefix of the jobs
-- ARGV[1]  offset from the newest
-- ARGV[2]  most sizes
--@include size-of.lua
local failed, jobs = KEYS[1], KEYS[2]
local sizes = {}
for index, id in ipairs(redis.call('ZREVRANGE', failed, ARGV[1], ARGV[1] + ARGV[2] - 1)) do
  sizes[index] = sizeOf(jobs .. id)
end
return sizes
