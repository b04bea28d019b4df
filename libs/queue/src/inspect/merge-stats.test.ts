import { expect, test } from 'vitest';
import type { QueueStats } from './queue-stats.ts';
import { mergeStats } from './queue-stats.ts';

const HEALTHY = { append_only: true, last_write: true, last_rewrite: true };
const statsOf = (
  oldestWaiting: number | undefined,
  paused: number,
  redis: Partial<QueueStats['redis']> = {},
): QueueStats => ({
  deliveries: { waiting: 1, active: 2, delayed: 3, dead: 4 },
  oldestWaiting,
  oldestHeld: oldestWaiting && oldestWaiting - 1,
  replays: { running: 1, paused },
  redis: { usedBytes: 10, maxBytes: 100, persistence: HEALTHY, appendOnlyBytes: 5, ...redis },
});

test('reports the oldest deliveries of all shards, the fullest Redis, and a persistence problem of any shard', () => {
  const merged = mergeStats([
    statsOf(undefined, 0),
    statsOf(7, 1, { usedBytes: 90, persistence: { ...HEALTHY, last_write: false } }),
    statsOf(3, 0, { usedBytes: 20, maxBytes: 1_000, appendOnlyBytes: 9 }),
  ]);
  expect(merged).toEqual({
    deliveries: { waiting: 3, active: 6, delayed: 9, dead: 12 },
    oldestWaiting: 3,
    oldestHeld: 2,
    replays: { running: 1, paused: 1 },
    redis: {
      usedBytes: 90,
      maxBytes: 100,
      persistence: { ...HEALTHY, last_write: false },
      appendOnlyBytes: 9,
    },
  });
  expect(mergeStats([statsOf(undefined, 0)]).oldestWaiting).toBeUndefined();
});
