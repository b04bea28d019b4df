import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import { schedulerBase } from '../keys.ts';
import { BackgroundTask } from '../redis/background-task.ts';
import { DISPATCH, DISPATCHED_AT_ONCE } from './scripts.ts';

export interface DispatcherOptions {
  /** The backend of the worker's queue. */
  readonly backend: DeliveryBackend;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two calls, at least: permits that come due meanwhile are issued together. */
const BUSY = 20;

/** Milliseconds between two calls, at most: the delay until it notices that another process has parked a delivery. */
const IDLE = 1_000;

/**
 * Issues permits to parked deliveries and promotes them. Each worker process runs one; any of them may do all the work,
 * and no delivery gets two permits.
 */
export class Dispatcher {
  readonly #task: BackgroundTask;

  constructor({ backend, onError }: DispatcherOptions) {
    const once = async () => {
      const { next } = await dispatch(backend);
      return Math.min(IDLE, Math.max(BUSY, next));
    };
    this.#task = new BackgroundTask({ once, onError, afterError: IDLE });
  }

  start(): void {
    this.#task.start();
  }

  /** Issues no more permits after the call in flight. Another worker reserves the deliveries that have one. */
  stop(): Promise<void> {
    return this.#task.stop();
  }
}

/**
 * Issues the permits that are due, of all bots, and promotes their deliveries. Any process may call it at any time.
 *
 * @returns how many it issued, at most 200, and in how many milliseconds the next may be due
 */
export async function dispatch(backend: DeliveryBackend): Promise<{ issued: number; next: number }> {
  const own = { keys: [schedulerBase(backend.prefix)], args: [DISPATCHED_AT_ONCE] };
  const [issued, next] = (await backend.promoteWith(DISPATCH, own)) as [number, number];
  return { issued, next };
}
