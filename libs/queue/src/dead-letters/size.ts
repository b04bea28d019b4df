import type { QueueContext } from '../bullmq/context.ts';
import { LUA_LAYOUT, queueKey } from '../bullmq/layout.ts';
import { luaScript, runScript } from '../redis/scripts.ts';

export interface Size {
  readonly count: number;
  /** Bytes of those within the limit. */
  readonly bytes: number;
  /** How many of the oldest are beyond the limit. */
  readonly beyond: number;
}

/** Dead letters per script, which takes about 2 ms; other commands run in between. */
const AT_ONCE = 1_000;

/**
 * Bytes of a dead letter in Redis besides its data and its notes: hash, options, its entries in the failed set and in
 * its group (measured over 10,000: 1.45 kB and the entry in the group).
 */
const BYTES_BESIDES = 1_550;

/** Part of the limit up to which a sample is enough: its mean may be off by a few percent. */
const SAFE_PART = 0.7;

const constants = { ...LUA_LAYOUT, BYTES_BESIDES };
const SAMPLE_SIZES = luaScript(import.meta.url, './lua/sample-sizes.lua', { keys: 2, constants });
const READ_SIZES = luaScript(import.meta.url, './lua/read-sizes.lua', { keys: 2, constants });

/**
 * Measures what dead letters take in Redis. Up to a thousand, and near the limit, each is measured, newest first, in
 * small steps. Otherwise a thousand are measured and represent the others: to measure a million takes Redis 2 s.
 *
 * Sizes are not stored, so a dead letter costs nothing more when it dies, and no counter can drift.
 */
export async function measure(queue: QueueContext, maxBytes: number): Promise<Size> {
  const { redis, keyPrefix } = queue;
  const failed = queueKey(keyPrefix, 'failed');
  const reply = await runScript(redis, SAMPLE_SIZES, failed, keyPrefix, AT_ONCE);
  const [count, mean] = reply as [number, number];
  const bytes = count * mean;
  return bytes <= SAFE_PART * maxBytes ? { count, bytes, beyond: 0 } : measureEach(queue, maxBytes);
}

async function measureEach({ redis, keyPrefix }: QueueContext, maxBytes: number): Promise<Size> {
  const failed = queueKey(keyPrefix, 'failed');
  let [count, bytes, beyond] = [0, 0, 0];
  for (;;) {
    const reply = await runScript(redis, READ_SIZES, failed, keyPrefix, count, AT_ONCE);
    const sizes = reply as readonly number[];
    for (const size of sizes) {
      if (beyond > 0 || bytes + size > maxBytes) beyond++;
      else bytes += size;
    }
    count += sizes.length;
    if (sizes.length < AT_ONCE) return { count, bytes, beyond };
  }
}
