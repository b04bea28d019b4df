-- Counts the remembered replays that are running, and that are paused.
--
-- KEYS[1]  all replays
-- KEYS[2]  prefix of the replays' keys
local all, prefix = KEYS[1], KEYS[2]
local running, paused = 0, 0
for _, id in ipairs(redis.call('ZRANGE', all, 0, -1)) do
  local state = redis.call('HGET', prefix .. id, 'state')
  if state == 'running' then running = running + 1 elseif state == 'paused' then paused = paused + 1 end
end
return {running, paused}
