-- Changes the state of a replay on behalf of an operator, and records it in the audit log.
--
-- KEYS[1]   replay
-- KEYS[2]   running replays
-- KEYS[3]   audit log
-- KEYS[4]   counts of replays that have reached each state
-- ARGV[1]   id
-- ARGV[2]   states that it may be in, separated by spaces
-- ARGV[3]   new state
-- ARGV[4]   why it is paused, or ''
-- ARGV[5]   when it ended, or ''
-- ARGV[6]   operator
-- ARGV[7]   note of the operator
-- ARGV[8]   now
-- ARGV[9]   length of the audit log
-- ARGV[10]  what paused it, or ''
--
-- Returns the state before; '' if there is no such replay.
local replay, running, audit, counts = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, allowed, state, why, endedAt = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local who, note, now, auditLength, pausedBy = ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]

local before = redis.call('HGET', replay, 'state')
if not before then return '' end
if not string.find(allowed, before, 1, true) then return before end
redis.call('HSET', replay, 'state', state, 'why', why, 'endedAt', endedAt, 'pausedBy', pausedBy)
if state == 'running' then
  local delivered, died = unpack(redis.call('HMGET', replay, 'delivered', 'died'))
  redis.call('HSET', replay, 'baseDelivered', delivered or 0, 'baseDied', died or 0, 'steppedAt', 0)
  redis.call('SADD', running, id)
else
  redis.call('SREM', running, id)
end
redis.call('HINCRBY', counts, state, 1)
redis.call('XADD', audit, 'MAXLEN', '~', auditLength, '*', 'action', 'replay ' .. state, 'by', 'operator',
  'who', who, 'reason', note, 'replay', id, 'at', now)
return before
