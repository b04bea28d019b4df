/** A connection to Redis, whatever its library. */
interface Redis {
  eval(script: string, keys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
}

export interface SeedOptions {
  /** Of the queue's keys. */
  readonly prefix: string;
  /** Id of a dead letter that is there already. */
  readonly template: string;
  readonly count: number;
  /** When the first of them died, in milliseconds since the epoch; the others one a millisecond, in rounds of 1,000. */
  readonly diedAt: number;
  /** Number of the first, where others were made before; 0 unless given. */
  readonly first?: number;
}

/** Copies that Redis makes in one go: 8 MB of 8 kB each. */
const AT_ONCE = 1_000;

const COPY = `
local jobs, from, count, diedAt = KEYS[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local fields = redis.call('HGETALL', jobs .. ARGV[1])
for index = from, from + count - 1 do
  local id = string.format('dlv_%08x-copy', index)
  redis.call('HSET', jobs .. id, unpack(fields))
  redis.call('ZADD', jobs .. 'failed', diedAt + index % 1000, id)
end
local connection = cjson.decode(redis.call('HGET', jobs .. ARGV[1], 'opts')).connection
redis.call('HINCRBY', KEYS[2], connection .. '\\0accepted', count)
redis.call('HINCRBY', KEYS[2], connection .. '\\0dead', count)
`;

/**
 * Makes a great many dead letters out of one, in the queue and in its ledger, as if each had been accepted and had
 * died: 100,000 of them in seconds, which would take minutes by the pipeline.
 */
export async function seedDeadLetters(
  redis: Redis,
  { prefix, template, count, diedAt, first = 0 }: SeedOptions,
): Promise<void> {
  for (let from = 0; from < count; from += AT_ONCE) {
    const keys = [`${prefix}:deliveries:`, `${prefix}:ledger`];
    await redis.eval(COPY, 2, ...keys, template, first + from, Math.min(AT_ONCE, count - from), diedAt);
  }
}
