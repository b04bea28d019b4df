import type { RedisConnection } from '../connect-redis.ts';
import { allReplaysKey } from '../replays/replay-keys.ts';
import type { ReplayState } from '../replays/replay-record.ts';

/** Replays that have not come to an end. */
export type OpenReplays = Readonly<Record<Extract<ReplayState, 'running' | 'paused'>, number>>;

/** Lua: how many of the replays that are remembered run, and are paused. KEYS: all replays, what their keys begin with. */
const COUNT = `
local running, paused = 0, 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local state = redis.call('HGET', KEYS[2] .. id, 'state')
  if state == 'running' then running = running + 1 elseif state == 'paused' then paused = paused + 1 end
end
return {running, paused}
`;

/** Counts them; a thousand are remembered, which costs Redis half a millisecond. */
export async function countOpenReplays(redis: RedisConnection, base: string): Promise<OpenReplays> {
  const reply = await redis.eval(COUNT, 2, allReplaysKey(base), `${base}replay:`);
  const [running = 0, paused = 0] = reply as readonly number[];
  return { running, paused };
}
