import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { takeLease } from '../lease.ts';
import { Repeater } from '../repeater.ts';
import { leaseKey, runningReplaysKey } from './replay-keys.ts';
import { type Replaying, type Stepped, stepReplay } from './replay-step.ts';

export interface ReplayerOptions extends Replaying {
  /** Told when a replay pauses by itself or is done. */
  readonly onEnded: (ended: Stepped) => void;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two looks: while replays run, and while none does. */
const BUSY = 250;
const IDLE = 1_000;

/**
 * Milliseconds between two steps of a replay that has a rate. What a step puts back is worked on at once, and a live
 * delivery that comes meanwhile shares the workers with it: at 100 a second that is 5, where 250 ms make 25.
 */
const RATED = 50;

/** Milliseconds after which another process takes over from one that has died. */
const LEASE = 5_000;

/**
 * Does the work of replays. Each worker process has one; each replay is done by one of them at a time, and by
 * another when that has died.
 */
export class Replayer {
  readonly #options: ReplayerOptions;
  /** Tells whoever looks which process has the lease. */
  readonly #who = `${hostname()}:${process.pid}:${randomUUID()}`;
  readonly #repeater: Repeater;

  constructor(options: ReplayerOptions) {
    this.#options = options;
    this.#repeater = new Repeater({
      once: () => this.#stepAll(),
      onError: options.onError,
      afterError: IDLE,
    });
  }

  start(): void {
    this.#repeater.start();
  }

  /** Ends after the step that is under way. */
  stop(): Promise<void> {
    return this.#repeater.stop();
  }

  /** Takes a step of each replay that is ours to do. Returns in how many milliseconds to look again. */
  async #stepAll(): Promise<number> {
    const { redis, base, onEnded } = this.#options;
    const ids = await redis.smembers(runningReplaysKey(base));
    let wait = ids.length > 0 ? BUSY : IDLE;
    for (const id of ids) {
      if (this.#repeater.isStopped) break;
      if (!(await takeLease(redis, leaseKey(base, id), this.#who, LEASE))) continue;
      const stepped = await stepReplay(this.#options, id);
      if (stepped?.replay.perMinute) wait = RATED;
      if (stepped?.became) onEnded(stepped);
    }
    return wait;
  }
}
