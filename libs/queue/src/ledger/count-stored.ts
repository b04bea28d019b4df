import { discardedKey, type Place } from '../dead-letters/place.ts';
import { pagesOfIds } from '../pages-of-ids.ts';
import type { Stored } from './balance-ledger.ts';

/** Deliveries that Redis looks at in one go: some 4 ms. */
const PAGE = 1_000;

/**
 * Says of each id which connection it is of and what state it is in; nothing of what is gone. The connection
 * stands in the options as well, so that a body, which may have 4 MB, is not touched.
 */
const LOOK = `
local found = {}
for _, id in ipairs(ARGV) do
  local opts = redis.call('HGET', KEYS[1] .. id, 'opts')
  if opts then
    local state = 'pending'
    if redis.call('ZSCORE', KEYS[1] .. 'failed', id) then state = 'dead'
    elseif redis.call('ZSCORE', KEYS[1] .. 'completed', id) then state = 'delivered'
    elseif redis.call('ZSCORE', KEYS[2], id) then state = 'discarded' end
    found[#found + 1] = id
    found[#found + 1] = cjson.decode(opts).connection or ''
    found[#found + 1] = state
  end
end
return found
`;

/**
 * Counts the deliveries that are stored, by connection, without asking the counters of the ledger. Exact for
 * each connection of which nothing comes or goes meanwhile.
 *
 * @param place its `keyPrefix` is what the keys of deliveries have before their id
 */
export async function countStored({ redis, base, keyPrefix }: Place): Promise<Map<string, Stored>> {
  const counts = new Map<string, { pending: number; dead: number }>();
  // SCAN may return a key twice.
  const seen = new Set<string>();
  for await (const ids of pagesOfIds(redis, keyPrefix, PAGE)) {
    const found = (await redis.eval(LOOK, 2, keyPrefix, discardedKey(base), ...ids)) as string[];
    for (let index = 0; index + 2 < found.length; index += 3) {
      const [id = '', connection = '', state] = found.slice(index, index + 3);
      if (seen.has(id)) continue;
      seen.add(id);
      const count = counts.get(connection) ?? { pending: 0, dead: 0 };
      if (state === 'pending' || state === 'dead') count[state]++;
      counts.set(connection, count);
    }
  }
  return counts;
}
