import type { QueueContext } from '../bullmq/context.ts';

export interface Size {
  readonly count: number;
  /** Of all that are within the limit. */
  readonly bytes: number;
  /** How many of the oldest are beyond the limit. */
  readonly beyond: number;
}

/** Looked at in one script, between which others get on: some 2 ms. */
const AT_ONCE = 1_000;

/**
 * Bytes of a dead letter in Redis besides its data and its notes: hash, options, its places in the failed set and in
 * its group (measured over 10,000: 1.45 kB and the group's place).
 */
const BESIDES = 1_550;

/** Part of the limit up to which a sample will do: its mean may be some percent off. */
const SURELY_WITHIN = 0.7;

/** KEYS: failed set, prefix of jobs. */
const SIZE_OF = `
local function sizeOf(id)
  local key = KEYS[2] .. id
  local size = ${BESIDES}
  for _, field in ipairs({'data', 'sl:original', 'stacktrace', 'failedReason'}) do
    size = size + redis.call('HSTRLEN', key, field)
  end
  return size
end
`;

/** ARGV: how many to look at, evenly from the newest to the oldest. Answers how many there are, and the mean. */
const SAMPLE = `${SIZE_OF}
local count = redis.call('ZCARD', KEYS[1])
local looks = math.min(count, tonumber(ARGV[1]))
local sum = 0
for look = 0, looks - 1 do
  local place = math.floor(look * count / looks)
  sum = sum + sizeOf(redis.call('ZREVRANGE', KEYS[1], place, place)[1])
end
return {count, looks > 0 and math.floor(sum / looks + 0.5) or 0}
`;

/** ARGV: offset from the newest, how many. Answers the bytes of each. */
const SIZES = `${SIZE_OF}
local sizes = {}
for index, id in ipairs(redis.call('ZREVRANGE', KEYS[1], ARGV[1], ARGV[1] + ARGV[2] - 1)) do
  sizes[index] = sizeOf(id)
end
return sizes
`;

/**
 * Tells what dead letters take of Redis. Up to a thousand, and where the limit is near, each is looked at, from the
 * newest on, in small steps; else a thousand are, and stand for the others. A minute of a million would be 2 s of Redis.
 *
 * It is counted and not kept along, so that a dead letter costs nothing more when it dies, and no number can drift.
 */
export async function measure(place: QueueContext, maxBytes: number): Promise<Size> {
  const keys = [`${place.keyPrefix}failed`, place.keyPrefix];
  const [count, mean] = (await place.redis.eval(SAMPLE, 2, ...keys, AT_ONCE)) as [number, number];
  const bytes = count * mean;
  return bytes <= SURELY_WITHIN * maxBytes ? { count, bytes, beyond: 0 } : addUp(place, maxBytes);
}

async function addUp({ redis, keyPrefix }: QueueContext, maxBytes: number): Promise<Size> {
  let [count, bytes, beyond] = [0, 0, 0];
  for (;;) {
    const sizes = (await redis.eval(SIZES, 2, `${keyPrefix}failed`, keyPrefix, count, AT_ONCE)) as number[];
    for (const size of sizes) {
      if (beyond > 0 || bytes + size > maxBytes) beyond++;
      else bytes += size;
    }
    count += sizes.length;
    if (sizes.length < AT_ONCE) return { count, bytes, beyond };
  }
}
