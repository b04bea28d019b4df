-- Returns the events of workspaces.
--
-- KEYS[1]  base of the scheduler's keys
-- ARGV     workspaces
--
-- Returns, for each workspace, the events of this minute, of the minute before and of this month.
local base = KEYS[1]
--@include keys.lua
--@include clock.lua
--@include window.lua

local now = clock()
local counts = {}
for index, workspace in ipairs(ARGV) do
  local read = readEvents(redis.call('HMGET', windowKey(workspace), unpack(WINDOW_FIELDS)), now)
  counts[index] = {read.events, read.before, read.monthEvents}
end
return counts
