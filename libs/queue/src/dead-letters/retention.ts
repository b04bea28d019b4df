import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { discardedKey, type QueueContext, type TransitionContext } from '../bullmq/context.ts';
import { queueKey } from '../bullmq/layout.ts';
import { BackgroundTask } from '../redis/background-task.ts';
import { takeLease } from '../redis/lease.ts';
import { RESTORABLE_FOR } from './discard.ts';
import { measure } from './size.ts';

export interface RetentionOptions extends TransitionContext {
  readonly limits: RetentionLimits;
  readonly onSwept: (sweep: Sweep) => void;
  readonly onError: (error: Error) => void;
}

/** Milliseconds between two sweeps of all worker processes together. */
const INTERVAL = 60_000;

/** Keeps dead letters within their limits. Each worker process has one; one of them sweeps, until it dies. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #who = randomUUID();
  readonly #task: BackgroundTask;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#task = new BackgroundTask({
      once: () => this.#sweep(),
      onError: options.onError,
      afterError: INTERVAL,
    });
  }

  start(): void {
    this.#task.start();
  }

  /** Stops after the current sweep. */
  stop(): Promise<void> {
    return this.#task.stop();
  }

  async #sweep(): Promise<number> {
    const { redis, base, limits, onSwept } = this.#options;
    // Twice the interval, so that the same process sweeps next time.
    if (await takeLease(redis, `${base}retention:lease`, this.#who, 2 * INTERVAL)) {
      onSwept(await sweepDeadLetters(this.#options, limits));
    }
    return INTERVAL;
  }
}

/** How long dead letters are kept, and how many bytes of them. */
export interface RetentionLimits {
  /** Milliseconds; without limit if absent. */
  readonly keepFor?: number;
  /** Bytes of all dead letters together; without limit if absent. */
  readonly maxBytes?: number;
}

/** The result of a sweep. */
export interface Sweep {
  /** Deleted dead letters: older than the limit, beyond the bytes, and discarded a day ago. */
  readonly tooOld: number;
  readonly tooMany: number;
  readonly discarded: number;
  /** Dead letters that are left, and the bytes that they take in Redis, approximately. */
  readonly left: number;
  readonly bytes: number;
  /** How many of those expire within the next day. */
  readonly expiring: number;
  /** Time of the sweep, in milliseconds since the epoch. */
  readonly at: number;
}

/** Milliseconds before its expiry in which a dead letter is reported as expiring. */
const EXPIRY_NOTICE = 24 * 3_600_000;

/** Deletes expired dead letters and reports those that expire soon. It may be interrupted and repeated. */
export async function sweepDeadLetters(queue: TransitionContext, limits: RetentionLimits): Promise<Sweep> {
  const { redis, keyPrefix, base } = queue;
  const { keepFor, maxBytes = Number.POSITIVE_INFINITY } = limits;
  const now = queue.now();
  const failed = queueKey(keyPrefix, 'failed');
  const discarded = await purgeOldest(
    queue,
    discardedKey(base),
    { until: now - RESTORABLE_FOR },
    'discarded',
  );
  const tooOld =
    keepFor === undefined ? 0 : await purgeOldest(queue, failed, { until: now - keepFor }, 'age');
  const size = await measure(queue, maxBytes);
  const tooMany = size.beyond === 0 ? 0 : await purgeOldest(queue, failed, { count: size.beyond }, 'bytes');
  const expiring =
    keepFor === undefined ? 0 : await redis.zcount(failed, '-inf', now - keepFor + EXPIRY_NOTICE);
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

/** Reads the result of the last sweep by any process; undefined before the first. */
export async function readSweep({
  redis,
  base,
}: Pick<QueueContext, 'redis' | 'base'>): Promise<Sweep | undefined> {
  return stored.safeParse(await redis.hgetall(sweepKey(base))).data;
}

/** Adds up the last sweeps of all shards; the time is that of the earliest. */
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

/** Dead letters per script, which takes about 5 ms; other commands run in between. */
const AT_ONCE = 500;

/**
 * Deletes the oldest dead letters of a set: those until a time, or a number of them.
 *
 * @param why recorded in the audit log, with the number of deleted dead letters
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
