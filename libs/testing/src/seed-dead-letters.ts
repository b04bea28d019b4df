/** A Redis connection of any library. */
interface Redis {
  eval(script: string, keys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
}

export interface SeedOptions {
  /** Key prefix of the queue. */
  readonly prefix: string;
  /** Id of an existing dead letter. */
  readonly template: string;
  readonly count: number;
  /** Time of death of the first, in milliseconds since the epoch. Others follow by 1 ms, in rounds of 1,000. */
  readonly diedAt: number;
  /** Number of the first copy, if others exist. Default: 0. */
  readonly first?: number;
}

/** Copies per script call: 8 MB of 8 kB each. */
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
 * Copies a dead letter in the queue and in the ledger, as if each copy had been accepted and had died. Makes 100,000
 * in seconds; the pipeline would take minutes.
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
