import { apiFactsKey } from '../keys.ts';
import type { Shards } from '../sharding/across-shards.ts';

/**
 * What probes of the Botpress API showed: texts by the API and the kind of caller, which the queue does not interpret.
 * Stored below the first shard's prefix. Every method rejects while Redis is down.
 */
export interface RecordedFacts {
  /** Replaces the facts of a caller. */
  record(apiUrl: string, caller: string, facts: string): Promise<void>;
  /** Returns the facts of a caller; `undefined` if the API was not probed. */
  read(apiUrl: string, caller: string): Promise<string | undefined>;
}

export function createRecordedFacts(shards: Shards): RecordedFacts {
  const first = () => {
    const [shard] = shards.all();
    if (!shard) throw new Error('No shard is open.');
    return { redis: shard.redis, key: apiFactsKey(shard.prefix) };
  };
  return {
    async record(apiUrl, caller, facts) {
      const { redis, key } = first();
      await redis.hset(key, `${caller} ${apiUrl}`, facts);
    },
    async read(apiUrl, caller) {
      const { redis, key } = first();
      return (await redis.hget(key, `${caller} ${apiUrl}`)) ?? undefined;
    },
  };
}
