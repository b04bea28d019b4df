-- Discards dead letters. A discarded one keeps its job, so that it can be restored.
--
-- KEYS     see transitions.lua
-- ARGV[1]  note: JSON with who, reason, at
-- ARGV     ids
--
-- Returns how many were dead.
--@include transitions.lua

local text = ARGV[1]
local note = readNote(text)
local letters = readEach(2, function(id, job)
  if not redis.call('ZSCORE', failed, id) then return nil end
  return {connection = connectionOf(job), failure = readFailure(job)}
end)

for _, letter in ipairs(letters) do
  leaveGroup(letter.failure, letter.id)
  redis.call('ZREM', failed, letter.id)
  redis.call('ZADD', discarded, note.at, letter.id)
  redis.call('HSET', letter.job, FIELD_DISCARDED, text)
  count(letter.connection, 'dead', -1)
  count(letter.connection, 'discarded', 1)
end
if #letters > 0 then audit('discard', 'operator', note, 'count', #letters) end
return #letters
