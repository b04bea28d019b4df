-- Counts webhooks that were received and not enqueued.
--
-- KEYS[1]  ledger
-- KEYS[2]  prefix of the jobs
-- ARGV     alternating connections and numbers
local ledger, jobs = KEYS[1], KEYS[2]
--@include ledger.lua

for index = 1, #ARGV, 2 do count(ARGV[index], 'ignored', ARGV[index + 1]) end
