-- Adds a delivery and counts it as accepted, or as a duplicate.
--
-- KEYS, ARGV  BullMQ's (addStandardJob, addPrioritizedJob or addDelayedJob), then
-- KEYS        ledger
--
-- Returns the id of the stored delivery. A duplicate has the id or the deduplication id of an earlier delivery, so it can
-- be another id. The reply then has both ids, so that every reply shows which delivery it is for.
local ledger = KEYS[KEY_LEDGER]
local packed = cmsgpack.unpack(ARGV[ARG_PACKED])
local connection = cmsgpack.unpack(ARGV[ARG_PACKED_OPTIONS]).connection or ''
local jobs, id = packed[PACKED_KEY_PREFIX], packed[PACKED_ID]
--@include ledger.lua

local isNew = id == '' or redis.call('EXISTS', jobs .. id) == 0

local reply = bullmq()
if type(reply) == 'number' and reply < 0 then return reply end
local isAdded = isNew and (id == '' or reply == id)
count(connection, isAdded and 'accepted' or 'duplicates', 1)
if id == '' or reply == id then return reply end
return {id, reply}
