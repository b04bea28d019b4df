-- Reads counters and lengths at one moment. It is a script and not a transaction, which a full Redis refuses.
--
-- KEYS[1]  ledger
-- KEYS[2]  prefix of the jobs
--
-- Returns the fields of the ledger, the number of pending deliveries, and the number of dead letters.
local ledger, jobs = KEYS[1], KEYS[2]

return {
  redis.call('HGETALL', ledger),
  redis.call('LLEN', jobs .. QUEUE_WAIT) + redis.call('LLEN', jobs .. QUEUE_PAUSED)
    + redis.call('LLEN', jobs .. QUEUE_ACTIVE) + redis.call('ZCARD', jobs .. QUEUE_PRIORITIZED)
    + redis.call('ZCARD', jobs .. QUEUE_DELAYED),
  redis.call('ZCARD', jobs .. QUEUE_FAILED),
}
