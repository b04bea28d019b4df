-- Clears the record of an attempt that is known to have created no event.
--
-- KEYS[1]  job of the delivery
-- ARGV[1]  when the attempt started; a later attempt's record is kept
local job, startedAt = KEYS[1], ARGV[1]

if redis.call('HGET', job, FIELD_ATTEMPT_STARTED_AT) == startedAt then
  redis.call('HDEL', job, FIELD_ATTEMPT_STARTED_AT)
end
