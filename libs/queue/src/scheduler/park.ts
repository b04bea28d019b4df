import type { RedisQueueBackend } from 'bullmq';
import { type Extension, extendScript } from '../bullmq/extend-script.ts';
import { prefixOf } from '../bullmq/layout.ts';
import { schedulerBase } from '../keys.ts';
import type { ConnectionQueue } from '../records/outcome.ts';
import { ENTER_LANE } from './lua/park.ts';

/** A delivery that must wait for its turn. */
export interface ParkRequest extends ConnectionQueue {
  readonly deliveryId: string;
  /** The lock of its taking. */
  readonly lock: string;
  /** The net: when it asks again if nobody has called it back. Milliseconds since the epoch, by this process' clock. */
  readonly until: number;
}

const EXTENSION: Extension = { command: 'gate:delayInLane', extended: 'moveToDelayed', lua: ENTER_LANE };

/** Milliseconds. A net that lies in the past would let the delivery spin. */
const LEAST_DELAY = 1_000;

/**
 * Puts a delivery that is being worked on into BullMQ's `delayed` and into the lane of its connection, in one
 * step: it never is in a lane without being there. It costs no attempt.
 *
 * One that comes back by the net keeps its place. Where the connection has another bot by now, its whole lane
 * moves to that one's line.
 *
 * @throws BullMQ's errors, e.g. that the lock is another's; then nothing has been done
 */
export async function park(backend: RedisQueueBackend, waiting: ParkRequest): Promise<void> {
  const { deliveryId, lock, until, connection, bot, share } = waiting;
  const client = await backend.client;
  const theirKeys = extendScript(client, EXTENSION);
  const now = Date.now();
  const delay = Math.ceil(Math.max(LEAST_DELAY, until - now));
  const theirs = backend.moveToDelayedArgs(deliveryId, now, lock, delay, { skipAttempt: true });
  const reply: unknown = await client.runCommand(EXTENSION.command, [
    ...theirs.slice(0, theirKeys),
    schedulerBase(prefixOf(backend)),
    ...theirs.slice(theirKeys),
    ...[connection, bot.id, share, bot.eventsPerMinute],
  ]);
  if (typeof reply === 'number' && reply < 0) {
    const told = { code: reply, jobId: deliveryId, command: 'moveToDelayed', state: 'active' };
    throw backend.finishedErrors(told);
  }
}
