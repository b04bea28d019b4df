import type {
  DeadLetterGroup,
  HeldConnection,
  OpenOperatorScheduler,
  QueueReader,
  QueueStats,
  QueueStatsReader,
  ReplayRecord,
  Replays,
} from '@sluice/queue';

/** What alerts are found by. */
export interface Situation {
  readonly holds: readonly HeldConnection[];
  readonly replays: readonly ReplayRecord[];
  readonly dead: number;
  /** Of dead letters, the largest first. */
  readonly groups: readonly DeadLetterGroup[];
  /** When the delivery that has waited longest to be taken was received, in milliseconds since the epoch. */
  readonly oldest: number | undefined;
  /** Of its maxmemory; 0 without one. */
  readonly memoryRatio: number;
  /** Undefined if Redis does not let this be asked. */
  readonly hasWorkers: boolean | undefined;
  readonly figures: Pick<QueueStats, 'redis'>;
}

export interface SituationSources {
  readonly gate: Pick<OpenOperatorScheduler, 'heldConnections'>;
  readonly replays: Pick<Replays, 'list'>;
  readonly queue: Pick<QueueReader, 'readDead'>;
  readonly figures: Pick<QueueStatsReader, 'read' | 'hasWorkers'>;
}

/** Replays are paused soon after they began; an older one that still is has been told of. */
const REPLAYS_LOOKED_AT = 20;

/** Reads it, in some round trips that do not grow with the queue; undefined if Redis does not answer. */
export async function readSituation(sources: SituationSources): Promise<Situation | undefined> {
  try {
    const [holds, replays, dead, figures, hasWorkers] = await Promise.all([
      sources.gate.heldConnections(),
      sources.replays.list(REPLAYS_LOOKED_AT),
      sources.queue.readDead(),
      sources.figures.read(),
      sources.figures.hasWorkers(),
    ]);
    if (!dead || !figures) return undefined;
    const { usedBytes, maxBytes } = figures.redis;
    return {
      holds,
      replays,
      hasWorkers,
      dead: dead.groups.reduce((sum, { count }) => sum + count, 0),
      groups: dead.groups,
      figures,
      oldest: figures.oldestUntaken,
      memoryRatio: maxBytes > 0 ? usedBytes / maxBytes : 0,
    };
  } catch {
    return undefined;
  }
}
