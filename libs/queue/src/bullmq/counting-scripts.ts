import type { RedisClient } from 'bullmq';
import { REPLAY_PRIORITY } from '../enqueue/priority.ts';
import { extendScript } from './extend-script.ts';
import { GROUPING } from './group-scripts.ts';
import { TRANSITIONS, type Transition } from './transitions.ts';

/**
 * BullMQ's scripts that let deliveries come, end, come back or go, each made into one that counts as well.
 *
 * Nothing of ours may fail once `theirs` has written, for Redis takes nothing back: what can, comes before.
 */

/** Our key comes after theirs and our arguments do, so that theirs are where they expect them. */
const BEGIN = `
local ledger, prefix = KEYS[#KEYS], ARGV[#ARGV]
local before = {}
if redis.call('HLEN', ledger) == 0 then
  before.dead = redis.call('ZCARD', prefix .. 'failed')
  before.accepted = before.dead
  for _, state in ipairs({'prioritized', 'delayed'}) do
    before.accepted = before.accepted + redis.call('ZCARD', prefix .. state)
  end
  for _, state in ipairs({'wait', 'active', 'paused'}) do
    before.accepted = before.accepted + redis.call('LLEN', prefix .. state)
  end
end
local function count(connection, counter, by)
  for name, number in pairs(before) do
    if number > 0 then redis.call('HSET', ledger, '\\0' .. name, number) end
  end
  before = {}
  redis.call('HINCRBY', ledger, connection .. '\\0' .. counter, by)
end
local function connectionOf(jobKey)
  local opts = redis.call('HGET', jobKey, 'opts')
  return opts and cjson.decode(opts).connection or ''
end
`;

/** What ends a delivery, or brings it back, tells its group and its replay as well. */
const ENDING = `${GROUPING}
local base = string.match(ledger, '^(.*)ledger$')
-- What became of a delivery that a replay had put back.
local function tellReplay(replay, counter)
  if not replay then return end
  local key = base .. 'replay:' .. replay
  if redis.call('EXISTS', key) == 1 then redis.call('HINCRBY', key, counter, 1) end
end
`;

/**
 * A duplicate shows by another id than its own coming back, or by its own being there already. Its reply names both, so
 * that every reply says by itself which delivery it is for.
 */
const ADD = `
local given = cmsgpack.unpack(ARGV[1])
local connection = cmsgpack.unpack(ARGV[3]).connection or ''
local id = given[2]
local isNew = id == '' or redis.call('EXISTS', given[1] .. id) == 0
local reply = theirs()
if type(reply) == 'number' and reply < 0 then return reply end
local isAdded = isNew and (id == '' or reply == id)
count(connection, isAdded and 'accepted' or 'duplicates', 1)
if id == '' or reply == id then return reply end
return {id, reply}
`;

/** Theirs asks for the lock and takes it away: what runs twice is refused the second time. */
const FINISH = `${ENDING}
local connection = connectionOf(KEYS[12])
local isDead = ARGV[5] == 'failed'
local settled = not isDead and cjson.decode(ARGV[4])
local replay = redis.call('HGET', KEYS[12], 'sl:replay')
local reply = theirs()
if type(reply) == 'number' and reply < 0 then return reply end
tellReplay(replay, isDead and 'died' or 'delivered')
if isDead then
  count(connection, 'dead', 1)
  local diedAt = redis.call('ZSCORE', KEYS[11], ARGV[1])
  if diedAt then enterGroup(base, ARGV[4], ARGV[1], diedAt) end
elseif type(settled) == 'table' and type(settled.eventId) == 'string' then
  count(connection, 'delivered', 1)
  if settled.reconciled == true then count(connection, 'reconciled', 1) end
else
  count(connection, 'recorded', 1)
end
return reply
`;

/** Answered for a dead letter whose replay does not run (any more). */
const NOT_RUNNING = -100;

/**
 * What is replayed goes behind all that is live (`sl:replay`), and is no suspect of earlier crashes any more. The
 * argument before the last, if it is ours, names the replay, which must be running.
 */
const RETRY = `${ENDING}
if ARGV[4] ~= 'failed' then return redis.error_reply('ERR only a dead letter can be replayed') end
local replay = ARGV[8] and ARGV[7] or ''
if replay ~= '' and redis.call('HGET', base .. 'replay:' .. replay, 'state') ~= 'running' then return ${NOT_RUNNING} end
local connection = connectionOf(KEYS[1])
if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('ZSCORE', KEYS[3], ARGV[1]) then
  redis.call('HSET', KEYS[1], 'priority', ${REPLAY_PRIORITY}, 'sl:replay', replay)
  redis.call('HDEL', KEYS[1], 'stc', 'sl:alone')
end
local failedReason = redis.call('HGET', KEYS[1], 'failedReason')
local reply = theirs()
if reply == 1 then
  leaveGroup(base, failedReason, ARGV[1])
  count(connection, 'dead', -1)
  count(connection, 'replayed', 1)
  tellReplay(replay, 'replayed')
end
return reply
`;

/** Answers what it was that is gone now; the argument before the last says what it is counted as. */
const REMOVE = `${ENDING}
local id, as = ARGV[1], ARGV[#ARGV - 1]
local connection = connectionOf(KEYS[1])
local isThere = redis.call('HEXISTS', KEYS[1], 'opts') == 1
local fate = 'pending'
if redis.call('ZSCORE', prefix .. 'failed', id) then fate = 'dead'
elseif redis.call('ZSCORE', prefix .. 'completed', id) then fate = 'delivered'
elseif redis.call('ZSCORE', base .. 'discarded', id) then fate = 'discarded' end
local job = redis.call('HMGET', KEYS[1], 'failedReason', 'sl:replay')
local reply = theirs()
if reply ~= 1 then return reply == 0 and 'locked' or reply end
if not isThere then return 'gone' end
if fate == 'discarded' then redis.call('ZREM', base .. 'discarded', id) end
if fate == 'pending' or fate == 'dead' then count(connection, as, 1) end
if fate == 'pending' then tellReplay(job[2], 'removed') end
if fate == 'dead' then
  leaveGroup(base, job[1], id)
  count(connection, 'dead', -1)
end
return fate
`;

/** By BullMQ's name of the script that is made to count. */
const COUNTING: Readonly<Record<string, string>> = {
  addStandardJob: ADD,
  addPrioritizedJob: ADD,
  addDelayedJob: ADD,
  moveToFinished: FINISH,
  reprocessJob: RETRY,
  removeJob: REMOVE,
};

/** Counts what has no delivery. Arguments: connection and number, in turns. */
const COUNT_IGNORED = `
for index = 1, #ARGV - 1, 2 do count(ARGV[index], 'ignored', ARGV[index + 1]) end
`;

/** What would change the number of deliveries as well; nobody needs it, so it is refused. */
const UNCOUNTED = new Set([
  ...['drain', 'cleanJobsInSet', 'obliterate', 'moveJobsToWait', 'addParentJob'],
  ...['addJobScheduler', 'updateJobScheduler', 'removeUnprocessedChildren'],
]);

/** How a script that counts is run: under what name, and how many keys of BullMQ's come before ours. */
export interface CountingScript {
  readonly command: string;
  readonly numberOfKeys: number;
}

/** Counts what has no delivery. */
export const COUNT_IGNORED_COMMAND = 'counting:ignored';

/** Moves dead letters. */
export const transitionCommand = (move: Transition): string => `moving:${move}`;

/**
 * Defines the scripts that count on a connection on which BullMQ has defined its own.
 *
 * @throws an Error if this BullMQ has no script of a name that we know
 */
export function defineCountingScripts(client: RedisClient): ReadonlyMap<string, CountingScript> {
  const defined = new Map<string, CountingScript>();
  for (const [extended, count] of Object.entries(COUNTING)) {
    const command = `counting:${extended}`;
    const numberOfKeys = extendScript(client, { command, extended, lua: `${BEGIN}${count}` });
    defined.set(extended, { command, numberOfKeys });
  }
  client.defineCommand(COUNT_IGNORED_COMMAND, { lua: `${BEGIN}${COUNT_IGNORED}`, numberOfKeys: 1 });
  for (const [move, lua] of Object.entries(TRANSITIONS)) {
    client.defineCommand(transitionCommand(move as Transition), { lua: `${BEGIN}${lua}`, numberOfKeys: 1 });
  }
  return defined;
}

/** Whether a script of BullMQ's lets deliveries come or go, so that it must count or not run at all. */
export function isCounted(script: string): boolean {
  if (UNCOUNTED.has(script)) throw new Error(`${script} would go by the ledger`);
  return script in COUNTING;
}
