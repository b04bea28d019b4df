-- Returns the connection and the state of deliveries. The connection is read from the options and not from the body,
-- which can have 4 MB.
--
-- KEYS[1]  prefix of the jobs
-- KEYS[2]  discarded dead letters
-- ARGV     ids
--
-- Returns id, connection and state in turns; ids without a delivery are left out.
local jobs, discarded = KEYS[1], KEYS[2]

local found = {}
for _, id in ipairs(ARGV) do
  local options = redis.call('HGET', jobs .. id, FIELD_OPTS)
  if options then
    local state = 'pending'
    if redis.call('ZSCORE', jobs .. QUEUE_FAILED, id) then state = 'dead'
    elseif redis.call('ZSCORE', jobs .. QUEUE_COMPLETED, id) then state = 'delivered'
    elseif redis.call('ZSCORE', discarded, id) then state = 'discarded' end
    found[#found + 1] = id
    found[#found + 1] = cjson.decode(options).connection or ''
    found[#found + 1] = state
  end
end
return found
