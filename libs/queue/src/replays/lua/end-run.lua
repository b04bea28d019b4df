-- Ends the run of a replay that is done or pauses itself, unless an operator has ended it already.
--
-- KEYS[1]  replay
-- KEYS[2]  running replays
-- KEYS[3]  counts of replays that have reached each state
-- ARGV[1]  id
-- ARGV[2]  new state
-- ARGV[3]  why it is paused, or ''
-- ARGV[4]  when it ended, or ''
-- ARGV[5]  what paused it, or ''
--
-- Returns 1 if it was running, else 0.
local replay, running, counts = KEYS[1], KEYS[2], KEYS[3]
local id, state, why, endedAt, pausedBy = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if redis.call('HGET', replay, 'state') ~= 'running' then return 0 end
redis.call('HSET', replay, 'state', state, 'why', why, 'endedAt', endedAt, 'pausedBy', pausedBy)
redis.call('SREM', running, id)
redis.call('HINCRBY', counts, state, 1)
return 1
