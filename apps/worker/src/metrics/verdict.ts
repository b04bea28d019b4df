import type { Attempt } from '../attempt.ts';

/**
 * How an attempt meets the delivery objective: an event within 60 s of the webhook's arrival.
 * - `in_time`, `late`: the event was created within or after that time;
 * - `overdue`: the attempt failed after that time, so an outage shows while it lasts and not when it is over;
 * - `apart`: the event is late because the delivery waited for its bot's limit or a held connection, or was replayed.
 */
export type EventVerdict = 'in_time' | 'late' | 'overdue' | 'apart';

export const EVENT_VERDICTS = [
  'in_time',
  'late',
  'overdue',
  'apart',
] as const satisfies readonly EventVerdict[];

/** Milliseconds from the arrival of a webhook to its event. */
const OBJECTIVE = 60_000;

export interface VerdictDependencies {
  readonly queueWaits: Pick<QueueWaitTracker, 'hasWaited'>;
  /** Returns whether a delivery was replayed; `undefined` if Redis cannot be reached. Called for late deliveries only. */
  readonly isReplayed: (deliveryId: string) => Promise<boolean | undefined>;
}

/**
 * Judges an attempt against the objective.
 *
 * @param now end of the attempt in milliseconds since the epoch
 * @returns `undefined` if the attempt says nothing about it, for example while the delivery waits for a permit
 */
export async function judgeEvent(
  { queueWaits, isReplayed }: VerdictDependencies,
  { outcome, delivery }: Attempt,
  now: number,
): Promise<EventVerdict | undefined> {
  if (!delivery) return undefined;
  const isCreated = outcome.kind === 'delivered';
  if (!isCreated && outcome.kind !== 'retry' && outcome.kind !== 'verifying') return undefined;
  if (now - delivery.receivedAt <= OBJECTIVE) return isCreated ? 'in_time' : undefined;
  const isApart =
    queueWaits.hasWaited(delivery.connection, delivery.receivedAt) ||
    (await isReplayed(delivery.id).catch(() => undefined));
  if (isCreated) return isApart ? 'apart' : 'late';
  return isApart ? undefined : 'overdue';
}

/**
 * Tracks which deliveries this process parked in their connection queue, to wait for the bot's limit or for a held
 * connection. Of a delivery parked by another worker it only knows that its connection was waiting.
 */
export interface QueueWaitTracker {
  /**
   * Tracks an attempt.
   *
   * @param startedAt start of the attempt in milliseconds since the epoch
   */
  track(attempt: Attempt, startedAt: number): QueueWait;
  /** Returns whether deliveries of a connection were parked since a time in milliseconds since the epoch. */
  hasWaited(connection: string, since: number): boolean;
}

export interface QueueWait {
  /** Milliseconds that a paced delivery waited for the permit of this attempt. */
  readonly waited?: number;
}

/** Tracked deliveries, about 2 MB. Beyond that the oldest are dropped and their waits not reported. */
const TRACKED = 10_000;

export function createQueueWaitTracker(): QueueWaitTracker {
  const pacedAt = new Map<string, number>();
  const parkedAt = new Map<string, number>();
  return {
    track({ delivery, outcome }, startedAt) {
      if (!delivery) return {};
      const { id, connection } = delivery;
      if ((outcome.kind === 'paced' || outcome.kind === 'held') && outcome.lane) {
        parkedAt.set(connection, startedAt);
        if (outcome.kind === 'paced' && !pacedAt.has(id)) add(pacedAt, id, startedAt);
        return {};
      }
      const since = pacedAt.get(id);
      pacedAt.delete(id);
      return since === undefined ? {} : { waited: Math.max(0, startedAt - since) };
    },
    hasWaited: (connection, since) => (parkedAt.get(connection) ?? Number.NEGATIVE_INFINITY) >= since,
  };
}

function add(times: Map<string, number>, id: string, at: number): void {
  times.set(id, at);
  const [oldest] = times.keys();
  if (times.size > TRACKED && oldest !== undefined) times.delete(oldest);
}
