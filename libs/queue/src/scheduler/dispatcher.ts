import type { RedisQueueBackend } from 'bullmq';
import { type Extension, extendScript } from '../bullmq/extend-script.ts';
import { prefixOf } from '../bullmq/layout.ts';
import { schedulerBase } from '../keys.ts';
import { BackgroundTask } from '../redis/background-task.ts';
import { GIVE_TURNS, MOST_TURNS } from './lua/dispatch.ts';

export interface DispatcherOptions {
  /** Of the worker's queue. */
  readonly backend: RedisQueueBackend;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two looks, at least: what comes due meanwhile is called together. */
const BUSY = 20;

/** Milliseconds, at most: so late it is noticed that another process has filled a lane. */
const IDLE = 1_000;

/**
 * Calls deliveries back that wait in lanes, when their turn comes. Each worker process runs one; any of them
 * may do all the work, and none does any twice.
 */
export class Dispatcher {
  readonly #repeater: BackgroundTask;

  constructor({ backend, onError }: DispatcherOptions) {
    const once = async () => {
      const { next } = await dispatch(backend);
      return Math.min(IDLE, Math.max(BUSY, next));
    };
    this.#repeater = new BackgroundTask({ once, onError, afterError: IDLE });
  }

  start(): void {
    this.#repeater.start();
  }

  /** Gives no more turns, but for a call that is under way. What has a turn is taken by another worker. */
  stop(): void {
    void this.#repeater.stop();
  }
}

const EXTENSION: Extension = { command: 'gate:giveTurns', extended: 'promote', lua: GIVE_TURNS };

/**
 * Gives the turns that are due, of all bots, and puts those who get one where workers take them. Any process
 * may call it at any time.
 *
 * @returns how many there were, at most 200, and in how many milliseconds there may be more
 */
export async function dispatch(backend: RedisQueueBackend): Promise<{ given: number; next: number }> {
  const client = await backend.client;
  extendScript(client, EXTENSION);
  const { delayed, wait, paused, meta, prioritized, active, pc, events, marker } = backend.keys;
  const theirs = [delayed, wait, paused, meta, prioritized, active, pc, events, marker];
  const args = [...theirs, schedulerBase(prefixOf(backend)), backend.toKey(''), '', MOST_TURNS];
  const [given, next] = (await client.runCommand(EXTENSION.command, args)) as [number, number];
  return { given, next };
}
