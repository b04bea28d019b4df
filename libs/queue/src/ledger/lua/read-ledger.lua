-- Reads counters and lengths at one moment. It is a script and not a transaction, which a full Redis refuses.
--
-- KEYS[1]  ledger
-- KEYS[2]  prefix of the jobs
-- KEYS[3]  base of Sluice's keys
--
-- Returns the fields of the ledger, the number of pending deliveries, the number of dead letters, and alternating
-- connections and numbers of events without a final status.
local ledger, jobs, base = KEYS[1], KEYS[2], KEYS[3]

local fields, awaiting = redis.call('HGETALL', ledger), {}
for index = 1, #fields, 2 do
  local connection = string.match(fields[index], '^(.*)%zdelivered$')
  local count = connection and redis.call('ZCARD', base .. OWN_AWAITING .. connection) or 0
  if count > 0 then
    awaiting[#awaiting + 1] = connection
    awaiting[#awaiting + 1] = count
  end
end

return {
  fields,
  redis.call('LLEN', jobs .. QUEUE_WAIT) + redis.call('LLEN', jobs .. QUEUE_PAUSED)
    + redis.call('LLEN', jobs .. QUEUE_ACTIVE) + redis.call('ZCARD', jobs .. QUEUE_PRIORITIZED)
    + redis.call('ZCARD', jobs .. QUEUE_DELAYED),
  redis.call('ZCARD', jobs .. QUEUE_FAILED),
  awaiting,
}
