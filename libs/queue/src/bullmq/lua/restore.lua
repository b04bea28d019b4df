-- Makes discarded dead letters dead again.
--
-- KEYS     see transitions.lua
-- ARGV[1]  note: JSON with who, reason, at
-- ARGV     ids
--
-- Returns how many were discarded.
--@include transitions.lua

local note = readNote(ARGV[1])
local letters = readEach(2, function(id, job)
  if not redis.call('ZSCORE', discarded, id) then return nil end
  local failure, failedReason, finishedOn, options =
    unpack(redis.call('HMGET', job, FIELD_FAILURE, FIELD_FAILED_REASON, FIELD_FINISHED_ON, FIELD_OPTS))
  if not options then return {isGone = true} end
  return {
    connection = cjson.decode(options).connection or '',
    failure = failureOf(failure, failedReason),
    diedAt = tonumber(finishedOn or 0) or 0,
  }
end)

local restored = 0
for _, letter in ipairs(letters) do
  redis.call('ZREM', discarded, letter.id)
  if not letter.isGone then
    redis.call('ZADD', failed, letter.diedAt, letter.id)
    redis.call('HDEL', letter.job, FIELD_DISCARDED)
    enterGroup(letter.failure, letter.id, letter.diedAt)
    count(letter.connection, 'discarded', -1)
    count(letter.connection, 'dead', 1)
    restored = restored + 1
  end
end
if restored > 0 then audit('restore', 'operator', note, 'count', restored) end
return restored
