-- Searches the given deliveries only.
--
-- KEYS[1]  prefix of the jobs
-- ARGV     see matches.lua, then the ids
--
-- Returns how many of the ids were looked at, and the results.
--@include matches.lua
local jobs = KEYS[1]
local looked = 0
for index = 5, #ARGV do
  local id = ARGV[index]
  local job = jobs .. id
  local failure, failedReason = match(job)
  if failure then collect(id, job, '0', failure, failedReason) end
  looked = looked + 1
  if budget <= 0 or #found >= limit then break end
end
return {looked, found}
