-- Counts deliveries in the ledger.
--
-- Expects the locals `ledger` (the ledger's key) and `jobs` (prefix of the jobs).
--
-- A queue may be older than its ledger. The deliveries that it holds then are counted as accepted without a connection,
-- when the first counter is written.
local uncounted = {}
if redis.call('HLEN', ledger) == 0 then
  uncounted.dead = redis.call('ZCARD', jobs .. QUEUE_FAILED)
  uncounted.accepted = uncounted.dead
  for _, state in ipairs({QUEUE_PRIORITIZED, QUEUE_DELAYED}) do
    uncounted.accepted = uncounted.accepted + redis.call('ZCARD', jobs .. state)
  end
  for _, state in ipairs({QUEUE_WAIT, QUEUE_ACTIVE, QUEUE_PAUSED}) do
    uncounted.accepted = uncounted.accepted + redis.call('LLEN', jobs .. state)
  end
end

local function count(connection, counter, by)
  for name, number in pairs(uncounted) do
    if number > 0 then redis.call('HSET', ledger, '\0' .. name, number) end
  end
  uncounted = {}
  redis.call('HINCRBY', ledger, connection .. '\0' .. counter, by)
end

-- Decodes the job's options, which can fail: call it before the first write.
local function connectionOf(job)
  local options = redis.call('HGET', job, FIELD_OPTS)
  return options and cjson.decode(options).connection or ''
end
