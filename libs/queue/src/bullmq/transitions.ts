import { AUDIT_LINES } from '../keys.ts';
import { GROUPING } from './group-scripts.ts';

/**
 * What an operator or the retention does to dead letters, as scripts that count. Each is run by
 * `LedgerBackend.move`, which gives them `count`, `connectionOf`, `prefix` (of jobs) and `ledger`.
 *
 * A discarded one keeps its job, and is in the sorted set `{prefix}:discarded` by when that was. On the job of a
 * delivery: `sl:discarded` (who and why), `sl:original` (its data before the first edit), `sl:edits` (who, when, why
 * and how, a line of JSON an edit).
 */
const MOVING = `${GROUPING}
local base = string.match(ledger, '^(.*)ledger$')
local failed, discarded = prefix .. 'failed', base .. 'discarded'
local function each(first, move)
  local moved = 0
  for index = first, #ARGV - 1 do
    if move(ARGV[index], prefix .. ARGV[index]) then moved = moved + 1 end
  end
  return moved
end
-- In the same script, so that what was done is told, and nothing else.
local function audit(action, by, note, what, told)
  redis.call('XADD', base .. 'audit', 'MAXLEN', '~', ${AUDIT_LINES}, '*', 'action', action, 'by', by,
    'who', note.who, 'reason', note.reason, what, told, 'at', note.at)
end
`;

/** ARGV: note (who, reason, at), ids. Answers how many were dead. */
const DISCARD = `${MOVING}
local note = cjson.decode(ARGV[1])
local moved = each(2, function(id, key)
  if not redis.call('ZSCORE', failed, id) then return false end
  local connection = connectionOf(key)
  leaveGroup(base, redis.call('HGET', key, 'failedReason'), id)
  redis.call('ZREM', failed, id)
  redis.call('ZADD', discarded, note.at, id)
  redis.call('HSET', key, 'sl:discarded', ARGV[1])
  count(connection, 'dead', -1)
  count(connection, 'discarded', 1)
  return true
end)
if moved > 0 then audit('discard', 'operator', note, 'count', moved) end
return moved
`;

/** ARGV: note (who, reason, at), ids. Answers how many were discarded and are dead again. */
const RESTORE = `${MOVING}
local moved = each(2, function(id, key)
  if redis.call('ZREM', discarded, id) == 0 then return false end
  local job = redis.call('HMGET', key, 'failedReason', 'finishedOn', 'opts')
  if not job[3] then return false end
  local connection = connectionOf(key)
  redis.call('ZADD', failed, job[2] or 0, id)
  redis.call('HDEL', key, 'sl:discarded')
  enterGroup(base, job[1], id, job[2] or 0)
  count(connection, 'discarded', -1)
  count(connection, 'dead', 1)
  return true
end)
if moved > 0 then audit('restore', 'operator', cjson.decode(ARGV[1]), 'count', moved) end
return moved
`;

/**
 * Deletes for good what is dead, which is counted as expired, or was discarded, which is counted already. Its
 * deduplication key has a time to live of its own and stays, so that a resend is still a duplicate.
 *
 * ARGV: note (who, reason, at), ids. Answers how many.
 */
const PURGE = `${MOVING}
local moved = each(2, function(id, key)
  local connection = connectionOf(key)
  if redis.call('ZSCORE', failed, id) then
    leaveGroup(base, redis.call('HGET', key, 'failedReason'), id)
    redis.call('ZREM', failed, id)
    count(connection, 'dead', -1)
    count(connection, 'expired', 1)
  elseif redis.call('ZREM', discarded, id) == 0 then return false end
  redis.call('UNLINK', key, key .. ':logs', key .. ':lock')
  return true
end)
if moved > 0 then audit('expire', 'retention', cjson.decode(ARGV[1]), 'count', moved) end
return moved
`;

/**
 * Replaces the data of a dead letter. ARGV: id, SHA-1 of the data that the edit began with, data, note, reason
 * for being dead with the sieve of the new data. Answers `edited`, `gone` if it is not dead, or `changed` if its data are others by now.
 */
const EDIT = `${MOVING}
local id, key = ARGV[1], prefix .. ARGV[1]
if not redis.call('ZSCORE', failed, id) then return 'gone' end
local data, edits = unpack(redis.call('HMGET', key, 'data', 'sl:edits'))
if redis.sha1hex(data) ~= ARGV[2] then return 'changed' end
redis.call('HSETNX', key, 'sl:original', data)
redis.call('HSET', key, 'data', ARGV[3], 'failedReason', ARGV[5], 'sl:edits', edits and edits .. '\\n' .. ARGV[4] or ARGV[4])
audit('edit', 'operator', cjson.decode(ARGV[4]), 'delivery', id)
return 'edited'
`;

/**
 * Adds a dead letter as it was exported. ARGV: id, deduplication id, connection, when it died, reason, then fields and
 * values of its job. Answers `imported`, `there` if there is one of that id, or `duplicate` if the same thing is there
 * as another delivery.
 */
const IMPORT = `${MOVING}
local id, key, connection, diedAt = ARGV[1], prefix .. ARGV[1], ARGV[3], ARGV[4]
if redis.call('EXISTS', key) == 1 then return 'there' end
if redis.call('EXISTS', prefix .. 'de:' .. ARGV[2]) == 1 then return 'duplicate' end
local fields = {}
for index = 6, #ARGV - 1 do fields[#fields + 1] = ARGV[index] end
redis.call('HSET', key, 'failedReason', ARGV[5], 'finishedOn', diedAt, unpack(fields))
redis.call('ZADD', failed, diedAt, id)
enterGroup(base, ARGV[5], id, diedAt)
count(connection, 'accepted', 1)
count(connection, 'dead', 1)
return 'imported'
`;

export const TRANSITIONS = {
  discard: DISCARD,
  restore: RESTORE,
  purge: PURGE,
  edit: EDIT,
  import: IMPORT,
} as const;

export type Transition = keyof typeof TRANSITIONS;
