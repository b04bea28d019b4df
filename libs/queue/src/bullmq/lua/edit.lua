-- Replaces the data of a dead letter.
--
-- KEYS     see transitions.lua
-- ARGV[1]  id
-- ARGV[2]  SHA-1 of the data that the edit started from
-- ARGV[3]  new data
-- ARGV[4]  note: JSON with who, reason, at and the change
-- ARGV[5]  stored failure, with the Bloom filter of the new data
--
-- Returns 'edited'; 'gone' if it is not dead; 'changed' if its data has changed since.
--@include transitions.lua

local id, expectedHash, data, text, failure = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local job, note = jobs .. id, readNote(text)
if not redis.call('ZSCORE', failed, id) then return 'gone' end
local current, edits, stored, failedReason =
  unpack(redis.call('HMGET', job, FIELD_DATA, FIELD_EDITS, FIELD_FAILURE, FIELD_FAILED_REASON))
if not current or redis.sha1hex(current) ~= expectedHash then return 'changed' end

redis.call('HSETNX', job, FIELD_ORIGINAL, current)
local field = failureOf(stored, failedReason) == stored and FIELD_FAILURE or FIELD_FAILED_REASON
redis.call('HSET', job, FIELD_DATA, data, field, failure,
  FIELD_EDITS, edits and edits .. '\n' .. text or text)
audit('edit', 'operator', note, 'delivery', id)
return 'edited'
