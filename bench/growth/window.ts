import type { Redis } from 'ioredis';
import { PREFIX } from '../eager-producer.ts';
import type { Growing } from './curves.ts';
import { measureDeliver, measureEnqueue } from './phases.ts';

const COUNT = 2_000;
const AT_ONCE = 20_000;
/** Milliseconds; Shopify's. */
const WINDOW = 48 * 3_600_000;

/**
 * Lua: the deduplication keys of deliveries that ended and were removed, as BullMQ writes
 * them. KEYS: prefix of jobs. ARGV: number of the first, how many, window.
 */
const KNOWN = `
for index = ARGV[1], ARGV[1] + ARGV[2] - 1 do
  local number = string.format('%012x', index)
  redis.call('SET', KEYS[1] .. 'de:key-known-' .. string.sub(number, 2), 'dlv_00000000-0000-7000-8000-' .. number, 'PX', ARGV[3])
end
`;

/** Keys by which resends of what was delivered are known. */
export const window: Growing = {
  points: [
    { title: '0 known', size: 0 },
    { title: '100,000', size: 100_000 },
    { title: '1,000,000', size: 1_000_000 },
    { title: '10,000,000', size: 10_000_000 },
  ],
  seed: (_stage, { redis }, size) => makeKnown(redis, size),
  async measure(stage, place) {
    const enqueued = await measureEnqueue(stage, place, COUNT);
    const delivered = await measureDeliver(stage, place, COUNT);
    return { 'Enqueue, by the producer': enqueued, 'Deliver, by the worker': delivered };
  },
};

async function makeKnown(redis: Redis, count: number): Promise<void> {
  for (let first = 0; first < count; first += AT_ONCE) {
    const many = Math.min(AT_ONCE, count - first);
    await redis.eval(KNOWN, 1, `${PREFIX}:deliveries:`, first, many, WINDOW);
  }
}
