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

/**
 * Judges an attempt against the objective.
 *
 * @param now end of the attempt in milliseconds since the epoch
 * @returns `undefined` if the attempt says nothing about it, for example while the delivery waits for a permit
 */
export function judgeEvent(
  { outcome, delivery, permit, isForward }: Attempt,
  now: number,
): EventVerdict | undefined {
  if (!delivery || !permit || isForward) return undefined;
  const isCreated = outcome.kind === 'delivered';
  if (!isCreated && outcome.kind !== 'retry' && outcome.kind !== 'verifying') return undefined;
  if (now - delivery.receivedAt <= OBJECTIVE) return isCreated ? 'in_time' : undefined;
  if (permit.delayedBy !== undefined) return isCreated ? 'apart' : undefined;
  return isCreated ? 'late' : 'overdue';
}
