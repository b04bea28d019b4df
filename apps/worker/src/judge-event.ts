import type { LaneMemory } from './lane-memory.ts';
import type { Attempt } from './process-delivery.ts';

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

export interface Judging {
  readonly lanes: Pick<LaneMemory, 'hasWaited'>;
  /** Whether a delivery was dead and has been put back; undefined if Redis does not say. Asked of late ones only. */
  readonly isReplayed: (deliveryId: string) => Promise<boolean | undefined>;
}

/**
 * Judges an attempt; undefined where it says nothing of the promise, as what is dead at once or still waits its turn.
 *
 * @param now when it ended, in milliseconds since the epoch
 */
export async function judgeEvent(
  { lanes, isReplayed }: Judging,
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
