import type { NotificationSettings } from '@sluice/config';
import type {
  DeadLetterGroup,
  HeldConnection,
  OperatorScheduler,
  QueueStats,
  QueueStatsReader,
  ReplayRecord,
  Replays,
} from '@sluice/queue';

/** A condition that an operator must know. Contains ids, numbers and fixed words, nothing of a payload. */
export interface Alert {
  /** Identifies the condition, for example `connection-held:acme`. */
  readonly key: string;
  readonly title: string;
  /** What to do, or where to look. */
  readonly detail: string;
  /** Consecutive checks that must find it before it is sent, so that a restart sends nothing. 1 by default. */
  readonly checks?: number;
}

/** What alerts are derived from. */
export interface SystemState {
  readonly holds: readonly HeldConnection[];
  readonly replays: readonly ReplayRecord[];
  /** Number of dead letters. */
  readonly dead: number;
  /** Groups of dead letters, largest first. */
  readonly groups: readonly DeadLetterGroup[];
  /** Receipt of the oldest delivery without an attempt, in milliseconds since the epoch. */
  readonly oldest: number | undefined;
  /** Used share of Redis' maxmemory, or 0 without a limit. */
  readonly memoryRatio: number;
  /** Undefined if Redis does not permit the query. */
  readonly hasWorkers: boolean | undefined;
  readonly deliveries: QueueStats['deliveries'];
  readonly redis: QueueStats['redis'];
}

export interface StateSources {
  readonly scheduler: Pick<OperatorScheduler, 'heldConnections'>;
  readonly replays: Pick<Replays, 'list'>;
  readonly stats: Pick<QueueStatsReader, 'read' | 'readDeadLetters' | 'hasWorkers'>;
}

/** A replay pauses itself soon after it began, so the newest suffice. */
const REPLAYS = 20;

/** Reads the state in a fixed number of round trips. Returns undefined if Redis does not answer. */
export async function readSystemState(sources: StateSources): Promise<SystemState | undefined> {
  try {
    const [holds, replays, dead, stats, hasWorkers] = await Promise.all([
      sources.scheduler.heldConnections(),
      sources.replays.list(REPLAYS),
      sources.stats.readDeadLetters(),
      sources.stats.read(),
      sources.stats.hasWorkers(),
    ]);
    if (!dead || !stats) return undefined;
    const { usedBytes, maxBytes } = stats.redis;
    return {
      holds,
      replays,
      hasWorkers,
      dead: dead.groups.reduce((sum, { count }) => sum + count, 0),
      groups: dead.groups,
      deliveries: stats.deliveries,
      redis: stats.redis,
      oldest: stats.oldestWaiting,
      memoryRatio: maxBytes > 0 ? usedBytes / maxBytes : 0,
    };
  } catch {
    return undefined;
  }
}

type Limits = Pick<NotificationSettings, 'oldestSeconds' | 'deadLetters' | 'memoryPercent'>;

export interface AlertConditions {
  /** Undefined if Redis does not answer. */
  readonly state: SystemState | undefined;
  /** Increase of dead letters within the last ten minutes. */
  readonly increase: number;
  readonly limits: Limits;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Checks for conditions that a restart of a process causes as well. */
const CHECKS_AFTER_RESTART = 2;

/** Returns the alerts of a state. */
export function collectAlerts({ state, increase, limits, now }: AlertConditions): Alert[] {
  if (!state) {
    return [
      {
        key: 'redis-away',
        title: 'Redis does not answer',
        detail: 'Webhooks get a 503 and platforms retry them. Nothing is delivered.',
        checks: CHECKS_AFTER_RESTART,
      },
    ];
  }
  return [
    ...openCircuits(state),
    ...pausedReplays(state),
    ...deadLetters(increase, limits),
    ...oldestWaiting(state, limits, now),
    ...fullRedis(state, limits),
    ...noWorker(state),
  ];
}

/** Without connections that an operator paused. */
function openCircuits({ holds }: SystemState): Alert[] {
  return holds
    .filter(({ by }) => by === 'refusals')
    .map(({ connection, reason, waiting }) => ({
      key: `connection-held:${connection}`,
      title: `Circuit open for connection ${connection}: ${reason}`,
      detail: `Botpress rejects its token, plan or bot. Waiting deliveries: ${waiting}. Sending resumes automatically once Botpress accepts the connection.`,
    }));
}

/** Without replays that an operator paused. */
function pausedReplays({ replays }: SystemState): Alert[] {
  return replays
    .filter(({ pausedBy }) => pausedBy === 'failures')
    .map(({ id, died, replayed }) => ({
      key: `replay-paused:${id}`,
      title: `Replay ${id} paused itself`,
      detail: `${died} of ${replayed} requeued deliveries failed again. Fix the cause, then run: sluice replay resume ${id}`,
    }));
}

function deadLetters(increase: number, { deadLetters: limit }: Limits): Alert[] {
  if (increase < limit) return [];
  const detail = `${increase} more within ten minutes. List their causes: sluice dead-letters groups`;
  return [{ key: 'dead-letters', title: 'Dead letters are increasing', detail }];
}

function oldestWaiting({ oldest }: SystemState, { oldestSeconds }: Limits, now: number): Alert[] {
  const seconds = oldest === undefined ? 0 : Math.round((now - oldest) / 1000);
  if (seconds < oldestSeconds) return [];
  return [
    {
      key: 'oldest-waiting',
      title: `A delivery has waited ${seconds} s for a worker`,
      detail:
        'Workers are too few, too slow or stuck. Deliveries that wait for the limit of a bot do not count.',
    },
  ];
}

function fullRedis({ memoryRatio }: SystemState, { memoryPercent }: Limits): Alert[] {
  const percent = Math.floor(memoryRatio * 100);
  if (percent < memoryPercent) return [];
  return [
    {
      key: 'redis-memory',
      title: `Redis uses ${percent}% of its memory`,
      detail: 'Near the limit, webhooks get a 503. Dead letters and the backlog use most of the memory.',
    },
  ];
}

function noWorker({ hasWorkers }: SystemState): Alert[] {
  if (hasWorkers !== false) return [];
  const detail = 'Webhooks are stored but not delivered.';
  return [{ key: 'no-worker', title: 'No worker is connected', detail, checks: CHECKS_AFTER_RESTART }];
}

const INCREASE_WINDOW_MS = 600_000;

/**
 * Returns a function that takes the number of dead letters and returns its increase over the minimum of the last ten
 * minutes. The minimum, because a discard or replay in between must not hide new dead letters.
 *
 * @param now clock in milliseconds
 */
export function trackIncrease(now: () => number): (dead: number) => number {
  let samples: readonly { readonly at: number; readonly dead: number }[] = [];
  return (dead) => {
    samples = [...samples.filter(({ at }) => now() - at < INCREASE_WINDOW_MS), { at: now(), dead }];
    return dead - Math.min(...samples.map((sample) => sample.dead));
  };
}
