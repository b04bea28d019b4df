import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { discardedKey, type QueueContext, type TransitionContext } from '../bullmq/context.ts';
import { BackgroundTask } from '../redis/background-task.ts';
import { takeLease } from '../redis/lease.ts';
import { UNDOABLE_FOR } from './discard.ts';
import { measure } from './size.ts';

export interface RetentionOptions extends TransitionContext {
  readonly limits: RetentionLimits;
  readonly onSwept: (sweep: Sweep) => void;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two sweeps, of all worker processes together. */
const INTERVAL = 60_000;

/**
 * Keeps dead letters within their limits. Each worker process has one; one of them sweeps, and another goes on when
 * that has died.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #who = randomUUID();
  readonly #repeater: BackgroundTask;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#repeater = new BackgroundTask({
      once: () => this.#sweep(),
      onError: options.onError,
      afterError: INTERVAL,
    });
  }

  start(): void {
    this.#repeater.start();
  }

  /** Ends after the sweep that is under way. */
  stop(): Promise<void> {
    return this.#repeater.stop();
  }

  async #sweep(): Promise<number> {
    const { redis, base, limits, onSwept } = this.#options;
    // Twice the interval: who sweeps keeps on sweeping.
    if (await takeLease(redis, `${base}retention:lease`, this.#who, 2 * INTERVAL)) {
      onSwept(await sweepDeadLetters(this.#options, limits));
    }
    return INTERVAL;
  }
}

/** How long dead letters are kept, and how much of them. */
export interface RetentionLimits {
  /** Milliseconds; for ever without it. */
  readonly keepFor?: number;
  /** Bytes of all together; any number without it. */
  readonly maxBytes?: number;
}

/** What a sweep came to. */
export interface Sweep {
  /** Deleted for good: too old, too many, and discarded a day ago. */
  readonly tooOld: number;
  readonly tooMany: number;
  readonly discarded: number;
  /** Dead letters that are left, and their bytes in Redis, near enough. */
  readonly left: number;
  readonly bytes: number;
  /** Of those left: will be too old within the next day. */
  readonly expiring: number;
  /** When this was, in milliseconds since the epoch. */
  readonly at: number;
}

/** Milliseconds before its end that a dead letter is announced to expire. */
const ANNOUNCED = 24 * 3_600_000;

/** Deletes for good what is past its time, and tells what soon will be. It may be cut off and taken again. */
export async function sweepDeadLetters(moving: TransitionContext, limits: RetentionLimits): Promise<Sweep> {
  const { redis, keyPrefix, base } = moving;
  const { keepFor, maxBytes = Number.POSITIVE_INFINITY } = limits;
  const now = moving.now();
  const failed = `${keyPrefix}failed`;
  const discarded = await purgeOldest(moving, discardedKey(base), { until: now - UNDOABLE_FOR }, 'discarded');
  const tooOld =
    keepFor === undefined ? 0 : await purgeOldest(moving, failed, { until: now - keepFor }, 'age');
  const size = await measure(moving, maxBytes);
  const tooMany = size.beyond === 0 ? 0 : await purgeOldest(moving, failed, { count: size.beyond }, 'bytes');
  const expiring = keepFor === undefined ? 0 : await redis.zcount(failed, '-inf', now - keepFor + ANNOUNCED);
  const sweep = {
    discarded,
    tooOld,
    tooMany,
    left: size.count - tooMany,
    bytes: size.bytes,
    expiring,
    at: now,
  };
  await redis.hset(sweepKey(base), sweep);
  return sweep;
}

const number = z.coerce.number();
const stored = z.object({
  ...{ discarded: number, tooOld: number, tooMany: number },
  ...{ left: number, bytes: number, expiring: number, at: number },
});

/** Reads what the last sweep came to, whoever made it; undefined if there was none yet. */
export async function readSweep({
  redis,
  base,
}: Pick<QueueContext, 'redis' | 'base'>): Promise<Sweep | undefined> {
  return stored.safeParse(await redis.hgetall(sweepKey(base))).data;
}

/** Adds up the last sweeps of all shards; when that was is told of the one that was first. */
export function mergeSweeps(sweeps: readonly Sweep[]): Sweep | undefined {
  const [first, ...others] = sweeps;
  return (
    first &&
    others.reduce(
      (sum, sweep) => ({
        tooOld: sum.tooOld + sweep.tooOld,
        tooMany: sum.tooMany + sweep.tooMany,
        discarded: sum.discarded + sweep.discarded,
        left: sum.left + sweep.left,
        bytes: sum.bytes + sweep.bytes,
        expiring: sum.expiring + sweep.expiring,
        at: Math.min(sum.at, sweep.at),
      }),
      first,
    )
  );
}

const sweepKey = (base: string): string => `${base}retention`;

/** Deleted in one script, between which others get on: some 5 ms. */
const AT_ONCE = 500;

/**
 * Deletes for good the oldest of a set of dead letters: those of that time and before, or so many.
 *
 * @param why for the audit lines, which tell how many went
 * @returns how many
 */
async function purgeOldest(
  { redis, backend, now }: TransitionContext,
  set: string,
  which: { readonly until: number } | { readonly count: number },
  why: string,
): Promise<number> {
  const note = JSON.stringify({ who: 'sluice', reason: why, at: now() });
  let left = 'count' in which ? which.count : Number.POSITIVE_INFINITY;
  let purged = 0;
  for (;;) {
    const count = Math.min(AT_ONCE, left);
    const until = 'until' in which ? which.until : '+inf';
    const ids = count > 0 ? await redis.zrangebyscore(set, '-inf', until, 'LIMIT', 0, count) : [];
    if (ids.length === 0) return purged;
    purged += Number(await backend.transition('purge', [note, ...ids]));
    left -= ids.length;
  }
}
