-- Counts the results of deliveries that a replay requeued.
--
-- Expects the local `base` (prefix of Sluice's keys).

-- Returns the key of a replay that exists, else nil. Fails if the key has another type, so call it before the first
-- write.
local function findReplay(replay)
  if not replay then return nil end
  local key = base .. OWN_REPLAY .. replay
  return redis.call('HLEN', key) > 0 and key or nil
end

local function countForReplay(key, counter)
  if key then redis.call('HINCRBY', key, counter, 1) end
end
