import { expect, test } from 'vitest';
import type { QueueStats } from './queue-stats.ts';
import { mergeStats } from './queue-stats.ts';

const SOUND = { append_only: true, last_write: true, last_rewrite: true };
const figures = (
  oldestUntaken: number | undefined,
  paused: number,
  redis: Partial<QueueStats['redis']> = {},
): QueueStats => ({
  oldestUntaken,
  replays: { running: 1, paused },
  redis: { usedBytes: 10, maxBytes: 100, persistence: SOUND, appendOnlyBytes: 5, ...redis },
});

test('of all shards the oldest is told, the fullest Redis, and what is wrong with any', () => {
  const merged = mergeStats([
    figures(undefined, 0),
    figures(7, 1, { usedBytes: 90, persistence: { ...SOUND, last_write: false } }),
    figures(3, 0, { usedBytes: 20, maxBytes: 1_000, appendOnlyBytes: 9 }),
  ]);
  expect(merged).toEqual({
    oldestUntaken: 3,
    replays: { running: 1, paused: 1 },
    redis: {
      usedBytes: 90,
      maxBytes: 100,
      persistence: { ...SOUND, last_write: false },
      appendOnlyBytes: 9,
    },
  });
  expect(mergeStats([figures(undefined, 0)]).oldestUntaken).toBeUndefined();
});
