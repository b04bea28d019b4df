-- Deletes dead letters, which are counted as expired, and discarded ones, which have been counted already. The
-- deduplication key has its own time to live and stays, so that a resend is still a duplicate.
--
-- KEYS     see transitions.lua
-- ARGV[1]  note: JSON with who, reason, at
-- ARGV     ids
--
-- Returns how many were deleted.
--@include transitions.lua

local note = readNote(ARGV[1])
local letters = readEach(2, function(id, job)
  if redis.call('ZSCORE', failed, id) then
    return {isDead = true, connection = connectionOf(job), failure = readFailure(job)}
  end
  return redis.call('ZSCORE', discarded, id) and {isDead = false}
end)

for _, letter in ipairs(letters) do
  if letter.isDead then
    leaveGroup(letter.failure, letter.id)
    redis.call('ZREM', failed, letter.id)
    count(letter.connection, 'dead', -1)
    count(letter.connection, 'expired', 1)
  else
    redis.call('ZREM', discarded, letter.id)
  end
  redis.call('UNLINK', letter.job, letter.job .. JOB_LOGS, letter.job .. JOB_LOCK)
end
if #letters > 0 then audit('expire', 'retention', note, 'count', #letters) end
return #letters
