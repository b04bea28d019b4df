import type { Redis } from 'ioredis';
import { PREFIX } from '../eager-producer.ts';

/** Where a delivery is, and with it all its clones. */
export type Standing = 'waiting' | 'in a lane' | 'dead';

/** Different ones that are cloned in turns: their bodies, connections and groups. */
const TEMPLATES = 20;
const AT_ONCE = 1_000;

/**
 * Lua: makes clones of deliveries that have come to where they are by the pipeline. A clone has an id, an idempotency
 * key, a deduplication key and a separate place in the queue, and is counted; all else is its template's.
 *
 * KEYS: prefix of jobs, base. ARGV: standing, number of the first, how many, templates.
 */
const CLONE = `
local jobs, base, standing = KEYS[1], KEYS[2], ARGV[1]
local templates = {}
for index = 4, #ARGV do
  local id = ARGV[index]
  local fields = redis.call('HGETALL', jobs .. id)
  local template = {id = id, fields = fields, at = {}}
  for at = 1, #fields, 2 do template.at[fields[at]] = at + 1 end
  local function value(name) return fields[template.at[name]] end
  template.opts, template.data, template.deid = value('opts'), value('data'), value('deid')
  template.connection = cjson.decode(template.opts).connection
  template.ttl = redis.call('PTTL', jobs .. 'de:' .. template.deid)
  template.key = string.match(template.data, '"key":"([^"]*)"')
  if standing == 'waiting' then
    template.priority = tonumber(value('priority'))
  elseif standing == 'in a lane' then
    template.lane = value('sl:lane')
    template.score = redis.call('ZSCORE', jobs .. 'delayed', id)
    template.bot = redis.call('HGET', base .. 'gate:connection:' .. template.connection, 'bot')
  else
    template.score = redis.call('ZSCORE', jobs .. 'failed', id)
    template.group = string.match(value('sl:failure') or '', '^{"reason":"[%w_]+","group":"(%x+)"')
  end
  templates[#templates + 1] = template
end

-- Replaces the end of a text that is at least as long as the number; no pattern.
local function renamed(text, number) return string.sub(text, 1, -13) .. number end
local function replaced(text, old, new)
  local from, to = string.find(text, old, 1, true)
  return string.sub(text, 1, from - 1) .. new .. string.sub(text, to + 1)
end

local first, count = tonumber(ARGV[2]), tonumber(ARGV[3])
for index = first, first + count - 1 do
  local template = templates[index % #templates + 1]
  local number = string.format('%012x', index)
  local id, deid = renamed(template.id, number), renamed(template.deid, number)
  local fields = template.fields
  fields[template.at.deid] = deid
  fields[template.at.opts] = replaced(template.opts, template.deid, deid)
  local key = string.rep('0', math.max(0, #template.key - 12)) .. number
  fields[template.at.data] = replaced(template.data, '"key":"' .. template.key, '"key":"' .. key)
  redis.call('SET', jobs .. 'de:' .. deid, id, 'PX', template.ttl)
  if standing == 'waiting' then
    local counter = redis.call('INCR', jobs .. 'pc')
    redis.call('ZADD', jobs .. 'prioritized', template.priority * 0x100000000 + counter % 0x100000000, id)
  elseif standing == 'in a lane' then
    -- Each came a microsecond later and is put off by two minutes more: a bot with one event a minute.
    local lane = string.format('%.0f', template.lane + index)
    fields[template.at['sl:lane']] = lane
    redis.call('ZADD', base .. 'gate:lane:' .. template.connection, lane, id)
    redis.call('ZADD', jobs .. 'delayed', string.format('%.0f', template.score + index * 120000 * 0x1000), id)
    redis.call('HINCRBY', base .. 'gate:bot:' .. template.bot, 'waiting', 1)
  else
    redis.call('ZADD', jobs .. 'failed', string.format('%.0f', template.score + index % 1000), id)
    redis.call('ZADD', base .. 'dead:' .. template.group, string.format('%.0f', template.score + index % 1000), id)
    redis.call('HINCRBY', base .. 'ledger', template.connection .. '\\0dead', 1)
  end
  redis.call('HINCRBY', base .. 'ledger', template.connection .. '\\0accepted', 1)
  redis.call('HSET', jobs .. id, unpack(fields))
end
`;

export interface CloneRequest {
  readonly standing: Standing;
  readonly count: number;
  /** Number of the first, where others were made before; 0 unless given. */
  readonly first?: number;
}

/**
 * Makes a great many deliveries out of some that are there: a million in a minute, which the pipeline would take for a
 * quarter of an hour.
 *
 * @throws an Error if there are fewer than 20 to begin with
 */
export async function cloneDeliveries(
  redis: Redis,
  { standing, count, first = 0 }: CloneRequest,
): Promise<void> {
  const jobs = `${PREFIX}:deliveries:`;
  const set = { waiting: 'prioritized', 'in a lane': 'delayed', dead: 'failed' }[standing];
  const templates = await redis.zrange(`${jobs}${set}`, '0', String(TEMPLATES - 1));
  if (templates.length < TEMPLATES) throw new Error(`only ${templates.length} deliveries are ${standing}`);
  const keys = [jobs, `${PREFIX}:`] as const;
  const sha = (await redis.script('LOAD', CLONE)) as string;
  for (let from = first; from < first + count; from += AT_ONCE) {
    const many = Math.min(AT_ONCE, first + count - from);
    await redis.evalsha(sha, 2, ...keys, standing, from, many, ...templates);
  }
}
