import type { Redis } from 'ioredis';
import { schedulerBase } from '../../keys.ts';
import { BOT_FIELDS } from '../scripts.ts';

/**
 * Advances the scheduler's time: moves its stored times into the past, so that tests of minutes take milliseconds. BullMQ's
 * times stay.
 */
export async function age(redis: Redis, prefix: string, ms: number): Promise<void> {
  await redis.eval(AGE, 1, schedulerBase(prefix), ms);
}

const AGE = `
redis.call('PERSIST', KEYS[1])
local base, ms = KEYS[1], tonumber(ARGV[1])
local function hashes(of, fields)
  for _, key in ipairs(redis.call('KEYS', base .. of .. ':*')) do
    for _, field in ipairs(fields) do
      local time = tonumber(redis.call('HGET', key, field))
      if time then redis.call('HSET', key, field, time - ms) end
    end
  end
end
hashes('bot', {'at', 'pause', 'cutAt', '${BOT_FIELDS.reportedAt}'})
hashes('connection', {'probeAt', 'since'})
hashes('window', {'at', 'issued', 'crowded', 'lookup', 'sweep', 'check'})
local sets = redis.call('KEYS', base .. 'turns*')
for _, name in ipairs({'due', 'held'}) do sets[#sets + 1] = base .. name end
for _, key in ipairs(sets) do
  local members = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  for index = 1, #members, 2 do
    if members[index + 1] ~= 'inf' then redis.call('ZADD', key, members[index + 1] - ms, members[index]) end
  end
end
`;
