import type { Attempt } from './process-delivery.ts';

/**
 * Remembers what this process has put into lanes: to wait for its bot's limit, or for a hold to end. Of a delivery
 * that another worker put there it knows only that its connection was waiting.
 */
export interface LaneMemory {
  /** Notes what an attempt came to. `startedAt`: when it began; all times in milliseconds since the epoch. */
  note(attempt: Attempt, startedAt: number): Noted;
  /** Whether deliveries of a connection have been put into its lane since then. */
  hasWaited(connection: string, since: number): boolean;
}

export interface Noted {
  /** Milliseconds that a paced delivery waited for its turn, which it has had with this attempt. */
  readonly waited?: number;
}

/** Deliveries that are remembered, some 2 MB; of more, the oldest are forgotten, and their waits not told. */
const REMEMBERED = 10_000;

export function createLaneMemory(): LaneMemory {
  const pacedAt = new Map<string, number>();
  const waitedAt = new Map<string, number>();
  return {
    note({ delivery, outcome }, startedAt) {
      if (!delivery) return {};
      const { id, connection } = delivery;
      if ((outcome.kind === 'paced' || outcome.kind === 'held') && outcome.lane) {
        waitedAt.set(connection, startedAt);
        if (outcome.kind === 'paced' && !pacedAt.has(id)) remember(pacedAt, id, startedAt);
        return {};
      }
      const since = pacedAt.get(id);
      pacedAt.delete(id);
      return since === undefined ? {} : { waited: Math.max(0, startedAt - since) };
    },
    hasWaited: (connection, since) => (waitedAt.get(connection) ?? Number.NEGATIVE_INFINITY) >= since,
  };
}

function remember(times: Map<string, number>, id: string, at: number): void {
  times.set(id, at);
  const [oldest] = times.keys();
  if (times.size > REMEMBERED && oldest !== undefined) times.delete(oldest);
}
