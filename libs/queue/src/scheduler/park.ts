import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import { schedulerBase } from '../keys.ts';
import type { ConnectionQueue } from '../records/outcome.ts';
import { PARK } from './scripts.ts';
import { windowText } from './workspace-window.ts';

/** A delivery that has to wait for a permit. */
export interface ParkRequest extends ConnectionQueue {
  readonly deliveryId: string;
  /** The lock of the reserved job. */
  readonly lock: string;
  /** When it asks again if it was not dispatched, in milliseconds since the epoch by this process' clock. */
  readonly until: number;
}

/** Milliseconds. With a time in the past the delivery would spin. */
const LEAST_DELAY = 1_000;

/**
 * Moves a delivery that its worker has reserved into BullMQ's `delayed` and into the queue of its connection, in one
 * step. It costs no attempt.
 *
 * A delivery that asks again keeps its position. If its connection has another bot now, the connection's whole queue
 * moves to that bot.
 *
 * @throws BullMQ's errors, for example that the lock is lost; then nothing has changed
 */
export async function park(backend: DeliveryBackend, request: ParkRequest): Promise<void> {
  const { deliveryId, lock, until, connection, bot, share } = request;
  const delay = Math.ceil(Math.max(LEAST_DELAY, until - Date.now()));
  await backend.delayWith(
    PARK,
    { deliveryId, lock, delay },
    {
      keys: [schedulerBase(backend.prefix)],
      args: [connection, bot.id, share, bot.eventsPerMinute, windowText(bot.workspace)],
    },
  );
}
