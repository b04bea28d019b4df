import type { QueueFigures } from './open-queue-figures.ts';
import type { RedisHealth } from './redis-health.ts';

/**
 * Puts together the figures of all shards, which may be of one Redis or of several: of those that of the fullest is
 * told, and what is wrong with any. A replay is in every shard, so of their counts the greatest is.
 */
export function mergeFigures(parts: readonly QueueFigures[]): QueueFigures {
  const oldest = parts.flatMap(({ oldestUntaken }) => oldestUntaken ?? []);
  const most = (of: (part: QueueFigures) => number) => Math.max(...parts.map(of));
  return {
    oldestUntaken: oldest.length > 0 ? Math.min(...oldest) : undefined,
    replays: {
      running: most(({ replays }) => replays.running),
      paused: most(({ replays }) => replays.paused),
    },
    redis: mergeHealth(parts.map(({ redis }) => redis)),
  };
}

function mergeHealth(parts: readonly RedisHealth[]): RedisHealth {
  const fullness = ({ usedBytes, maxBytes }: RedisHealth) => (maxBytes > 0 ? usedBytes / maxBytes : 0);
  const fullest = parts.reduce((one, other) => (fullness(other) > fullness(one) ? other : one));
  const all = (check: keyof RedisHealth['persistence']) =>
    parts.every(({ persistence }) => persistence[check]);
  return {
    ...fullest,
    persistence: {
      append_only: all('append_only'),
      last_write: all('last_write'),
      last_rewrite: all('last_rewrite'),
    },
    appendOnlyBytes: Math.max(...parts.map(({ appendOnlyBytes }) => appendOnlyBytes)),
  };
}
