-- Clears the record of an attempt that is known to have created no event, and no longer counts its event.
--
-- KEYS[1]  base of the scheduler's keys
-- ARGV[1]  job of the delivery
-- ARGV[2]  when the attempt started; a later attempt's record is kept
-- ARGV[3]  window of the bot's workspace; '' without one
local base, job, startedAt, windowText = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
--@include keys.lua
--@include clock.lua
--@include window.lua

if redis.call('HGET', job, FIELD_ATTEMPT_STARTED_AT) ~= startedAt then return end
redis.call('HDEL', job, FIELD_ATTEMPT_STARTED_AT)
local now = clock()
local window = readWindow(windowText, now)
if not window then return end
local counts = readEvents(window.stored, now)
local isThisMinute = math.floor(startedAt / 60000) == counts.minute
local isLastMinute = math.floor(startedAt / 60000) == counts.minute - 1
redis.call('HSET', window.key, 'minute', counts.minute, 'month', counts.month,
  'events', math.max(0, counts.events - (isThisMinute and 1 or 0)),
  'before', math.max(0, counts.before - (isLastMinute and 1 or 0)),
  'monthEvents', math.max(0, counts.monthEvents - (monthOf(tonumber(startedAt)) == counts.month and 1 or 0)))
