-- Counts what became of a delivery that a replay requeued.
--
-- Expects the local `base` (prefix of Sluice's keys).
local function countForReplay(replay, counter)
  if not replay then return end
  local key = base .. OWN_REPLAY .. replay
  if redis.call('EXISTS', key) == 1 then redis.call('HINCRBY', key, counter, 1) end
end
