-- Takes a call that only reads from the window of a workspace. Reads of one purpose have a share of the window, so that
-- they leave the rest to events.
--
-- KEYS[1]  base of the scheduler's keys
-- ARGV[1]  window of the workspace
-- ARGV[2]  purpose: the field that holds its share's state
-- ARGV[3]  calls a second of the share
--
-- Returns {1, milliseconds after which the call may start}: it is taken, and no one else gets its place. Or
-- {0, milliseconds after which to ask again}.
local base, windowText, purpose, rate = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
--@include keys.lua
--@include clock.lua
--@include window.lua

--@include allow-writes.lua
local now = clock()
local window = readWindow(windowText, now)
local interval = 1000 / rate
-- A tenth of a second's calls may start at once.
local tolerance = math.max(0, 100 - interval)
local shareAt = math.max(tonumber(redis.call('HGET', window.key, purpose)) or now, now)
if shareAt > now + tolerance + interval + LONGEST_RESERVATION then shareAt = now end
local shareWait = math.max(0, math.ceil(shareAt - tolerance - now))
local wait = windowWait(window, now)
if shareWait > 0 then return {0, math.max(shareWait, wait)} end
if wait > LONGEST_RESERVATION then return {0, wait} end
redis.call('HSET', window.key, purpose, math.max(shareAt, now + wait) + interval,
  takeCall(window, now + wait, false))
return {1, wait}
