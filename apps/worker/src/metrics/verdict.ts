import type { Attempt } from '../process-delivery.ts';

/**
 * How an attempt does by the promise to the bots: an event within 60 s of arrival. `apart`: its event is later, but it
 * waited for its bot's limit, for a hold to end, or was a dead letter that was put back. `overdue`: this attempt left
 * it without an event, and the time is past; so an outage shows while it lasts, not when it is over.
 */
export type EventVerdict = 'in_time' | 'late' | 'overdue' | 'apart';

export const EVENT_VERDICTS = [
  'in_time',
  'late',
  'overdue',
  'apart',
] as const satisfies readonly EventVerdict[];

/** Milliseconds from the arrival of a webhook to its event. */
const WITHIN = 60_000;

export interface VerdictDependencies {
  readonly lanes: Pick<QueueWaitTracker, 'hasWaited'>;
  /** Whether a delivery was dead and has been put back; undefined if Redis does not say. Asked of late ones only. */
  readonly isReplayed: (deliveryId: string) => Promise<boolean | undefined>;
}

/**
 * Judges an attempt; undefined where it says nothing of the promise, as what is dead at once or still waits its turn.
 *
 * @param now when it ended, in milliseconds since the epoch
 */
export async function judgeEvent(
  { lanes, isReplayed }: VerdictDependencies,
  { outcome, delivery }: Attempt,
  now: number,
): Promise<EventVerdict | undefined> {
  if (!delivery) return undefined;
  const isCreated = outcome.kind === 'delivered';
  if (!isCreated && outcome.kind !== 'retry' && outcome.kind !== 'verifying') return undefined;
  if (now - delivery.receivedAt <= WITHIN) return isCreated ? 'in_time' : undefined;
  const isApart =
    lanes.hasWaited(delivery.connection, delivery.receivedAt) ||
    (await isReplayed(delivery.id).catch(() => undefined));
  if (isCreated) return isApart ? 'apart' : 'late';
  return isApart ? undefined : 'overdue';
}

/**
 * Remembers what this process has put into lanes: to wait for its bot's limit, or for a hold to end. Of a delivery
 * that another worker put there it knows only that its connection was waiting.
 */
export interface QueueWaitTracker {
  /** Notes what an attempt came to. `startedAt`: when it began; all times in milliseconds since the epoch. */
  track(attempt: Attempt, startedAt: number): QueueWait;
  /** Whether deliveries of a connection have been put into its lane since then. */
  hasWaited(connection: string, since: number): boolean;
}

export interface QueueWait {
  /** Milliseconds that a paced delivery waited for its turn, which it has had with this attempt. */
  readonly waited?: number;
}

/** Deliveries that are remembered, some 2 MB; of more, the oldest are forgotten, and their waits not told. */
const REMEMBERED = 10_000;

export function createQueueWaitTracker(): QueueWaitTracker {
  const pacedAt = new Map<string, number>();
  const waitedAt = new Map<string, number>();
  return {
    track({ delivery, outcome }, startedAt) {
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
