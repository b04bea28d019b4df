-- Adds a dead letter that was exported.
--
-- KEYS     see transitions.lua
-- ARGV[1]  id
-- ARGV[2]  deduplication id
-- ARGV[3]  connection
-- ARGV[4]  when it died, in milliseconds since the epoch
-- ARGV[5]  message of the failure
-- ARGV[6]  stored failure
-- ARGV     alternating fields and values of its job
--
-- Returns 'imported'; 'there' if a delivery with the id exists; 'duplicate' if one with the deduplication id exists.
--@include transitions.lua

local id, deduplicationId, connection, message, failure = ARGV[1], ARGV[2], ARGV[3], ARGV[5], ARGV[6]
local job, diedAt = jobs .. id, assert(tonumber(ARGV[4]), 'the dead letter has no time')
if redis.call('EXISTS', job) == 1 then return 'there' end
if redis.call('EXISTS', jobs .. QUEUE_DEDUPLICATION .. deduplicationId) == 1 then return 'duplicate' end
local fields = {}
for index = 7, #ARGV do fields[#fields + 1] = ARGV[index] end

redis.call('HSET', job, FIELD_FAILED_REASON, message, FIELD_FAILURE, failure, FIELD_FINISHED_ON, diedAt,
  unpack(fields))
redis.call('ZADD', failed, diedAt, id)
enterGroup(failure, id, diedAt)
count(connection, 'accepted', 1)
count(connection, 'dead', 1)
return 'imported'
