import { type Death, readDeadReason } from '../dead-letter.ts';
import type { DeadLetterFilter } from './filter-schema.ts';
import type { Place } from './place.ts';

/** A dead letter without its body, which may have 4 MB. */
export interface DeadLetter extends Death {
  readonly id: string;
  readonly connection: string;
  readonly topic: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly diedAt: number;
  /** Attempts that ended, the last included. */
  readonly attempts: number;
}

export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** Where the next page begins; undefined after the last. */
  readonly next?: string;
}

export interface PageRequest {
  /** By when they died. */
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
}

/** Dead letters that Redis looks at in one go, between which others get on: some 5 ms. */
const LOOKED_AT = 1_000;

/**
 * Lua: looks on from a place in the order of death, which stays a place when what stood there is gone. Dead at the
 * same millisecond are in the order of their ids. Answers whether that was the end, where to look on, and what fits.
 *
 * KEYS: failed set or that of a group, prefix of jobs. ARGV: newest or oldest, score and id of the place (or an
 * empty id), how many to find, how many to look at; connection and reason, or nothing.
 */
const FIND = `
local order, at, id = ARGV[1], ARGV[2], ARGV[3]
local limit, left = tonumber(ARGV[4]), tonumber(ARGV[5])
local newest = order == 'newest'
local function read(offset, count)
  if newest then
    return redis.call('ZREVRANGEBYSCORE', KEYS[1], at, '-inf', 'WITHSCORES', 'LIMIT', offset, count)
  end
  return redis.call('ZRANGEBYSCORE', KEYS[1], at, '+inf', 'WITHSCORES', 'LIMIT', offset, count)
end

local function reasonOf(text) return string.match(text or '', '^{"reason":"([%w_]+)"') or 'crashed' end

-- In the options as BullMQ writes them; to decode those of each would take three times as long.
local wanted = ARGV[6] ~= '' and '"connection":' .. cjson.encode(ARGV[6])
local function look(member, score)
  local key = KEYS[2] .. member
  if wanted and not string.find(redis.call('HGET', key, 'opts') or '', wanted, 1, true) then return nil end
  if ARGV[7] ~= '' and reasonOf(redis.call('HGET', key, 'failedReason')) ~= ARGV[7] then return nil end
  local job = redis.call('HMGET', key, 'opts', 'failedReason', 'name', 'timestamp', 'atm')
  if not job[1] then return nil end
  local connection = cjson.decode(job[1]).connection or ''
  return {member, connection, job[2] or '', job[3] or '', job[4] or '0', score, job[5] or '0'}
end

local found, offset, first = {}, 0, at
local lastAt, lastId = at, id
while left > 0 and #found < limit do
  local members = read(offset, math.min(200, left))
  if #members == 0 then return {1, lastAt, lastId, found} end
  for index = 1, #members, 2 do
    local member, score = members[index], members[index + 1]
    local isBefore = id ~= '' and tonumber(score) == tonumber(first)
      and ((newest and member >= id) or (not newest and member <= id))
    if not isBefore then
      local letter = look(member, score)
      if letter then found[#found + 1] = letter end
      lastAt, lastId = score, member
      left = left - 1
      if #found == limit or left == 0 then break end
    end
  end
  offset = offset + #members / 2
end
return {0, lastAt, lastId, found}
`;

type Row = readonly [
  id: string,
  connection: string,
  failedReason: string,
  topic: string,
  receivedAt: string,
  diedAt: string,
  attempts: string,
];

/**
 * Finds a page of dead letters.
 *
 * @throws CursorError if the cursor is none of ours
 */
export async function findDeadLetters(
  { redis, base, keyPrefix }: Place,
  { connection, reason, group }: DeadLetterFilter,
  { order, limit, cursor }: PageRequest,
): Promise<DeadLetterPage> {
  const letters: DeadLetter[] = [];
  const set = group === undefined ? `${keyPrefix}failed` : `${base}dead:${group}`;
  let [at, id] = cursor ? readCursor(cursor) : ([order === 'newest' ? '+inf' : '-inf', ''] as const);
  for (;;) {
    const wanted = limit - letters.length;
    const args = [order, at, id, wanted, LOOKED_AT, connection ?? '', reason ?? ''];
    const reply = await redis.eval(FIND, 2, set, keyPrefix, ...args);
    const [isEnd, nextAt, nextId, rows] = reply as [0 | 1, string, string, readonly Row[]];
    letters.push(...rows.map(toDeadLetter));
    if (isEnd === 1) return { letters };
    if (letters.length >= limit) return { letters, next: `${nextAt}-${nextId}` };
    [at, id] = [nextAt, nextId];
  }
}

function toDeadLetter([id, connection, failedReason, topic, receivedAt, diedAt, attempts]: Row): DeadLetter {
  return {
    ...readDeadReason(failedReason),
    id,
    connection,
    topic,
    receivedAt: Number(receivedAt),
    diedAt: Number(diedAt),
    attempts: Number(attempts),
  };
}

/** It is none of ours. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

function readCursor(cursor: string): readonly [at: string, id: string] {
  const parts = /^(\d+)-(dlv_[\w-]+)$/.exec(cursor);
  if (!parts) throw new CursorError(`"${cursor}" is no cursor: take the one that the page before has told`);
  return [parts[1] ?? '', parts[2] ?? ''];
}
