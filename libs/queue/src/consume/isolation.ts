import { JOB_SUFFIXES, jobKey, LUA_LAYOUT } from '../bullmq/layout.ts';
import type { WorkerJob } from '../bullmq/worker.ts';
import { isolationKey } from '../keys.ts';
import type { DeliveryOutcome } from '../records/outcome.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { defineScripts, luaScript, type Scripts } from '../redis/scripts.ts';

/** Result of a request for isolation. */
export type IsolationResult =
  /** No other delivery is in isolation in any worker until `leave`. */
  | 'admitted'
  /** Another delivery is in isolation. Ask again soon. */
  | 'busy'
  /** The delivery has been in isolation before, and its process died with it each time. */
  | 'poisoned'
  /** Another worker has the delivery. */
  | 'lost';

const SCRIPTS = {
  enterIsolation: luaScript(import.meta.url, './lua/enter-isolation.lua', { keys: 3, constants: LUA_LAYOUT }),
  leaveIsolation: luaScript(import.meta.url, './lua/leave-isolation.lua', { keys: 2, constants: LUA_LAYOUT }),
} as const;

/** Crashes of a delivery in isolation. One may be a deploy or a lack of memory; three are not a coincidence. */
const MAX_ISOLATED_CRASHES = 3;

/**
 * Isolates deliveries whose process has died with them more than once.
 *
 * A delivery that kills its process takes the other deliveries there with it, and all of them return together, to crash
 * together. A count of crashes would condemn the neighbours as well. Suspects are therefore processed one at a time,
 * across all workers: one that keeps crashing in isolation is poisoned, one that does not is cleared.
 */
export class Isolation {
  readonly #scripts: Scripts<typeof SCRIPTS>;
  readonly #key: string;
  readonly #keyPrefix: string;
  readonly #lockDuration: number;

  /** @param lockDuration milliseconds after which isolation is free again when the worker has died */
  constructor(options: {
    readonly redis: RedisConnection;
    readonly prefix: string;
    /** Prefix of the queue's keys. */
    readonly keyPrefix: string;
    readonly lockDuration: number;
  }) {
    this.#scripts = defineScripts(options.redis, SCRIPTS);
    this.#key = isolationKey(options.prefix);
    this.#keyPrefix = options.keyPrefix;
    this.#lockDuration = options.lockDuration;
  }

  async enter(deliveryId: string, lock: string): Promise<IsolationResult> {
    const job = jobKey(this.#keyPrefix, deliveryId);
    const keys = [this.#key, job, `${job}${JOB_SUFFIXES.lock}`];
    const args = [lock, this.#lockDuration, MAX_ISOLATED_CRASHES];
    return (await this.#scripts.enterIsolation(...keys, ...args)) as IsolationResult;
  }

  /** Clears a delivery: its process survived it, regardless of the outcome. */
  async leave(deliveryId: string, lock: string): Promise<void> {
    await this.#scripts.leaveIsolation(this.#key, jobKey(this.#keyPrefix, deliveryId), lock);
  }
}

/** Crashes after which a delivery is isolated. The first is usually a deploy or a lost machine. */
const SUSPECT_AFTER = 2;

/** Milliseconds before a suspect asks for isolation again: one to two times this. */
const ASK_AGAIN = 500;

/**
 * Processes a delivery; in isolation if its process has died with it before.
 *
 * @param work does not reject for anything that a delivery can cause
 */
export async function runIsolated(
  { id, lock, crashes }: Pick<WorkerJob, 'id' | 'lock' | 'crashes'>,
  isolation: Isolation,
  work: () => Promise<DeliveryOutcome>,
): Promise<DeliveryOutcome> {
  if (crashes < SUSPECT_AFTER) return work();
  const admission = await isolation.enter(id, lock);
  switch (admission) {
    case 'lost':
      return { kind: 'lost' };
    case 'busy':
      return { kind: 'paced', until: Math.ceil(Date.now() + ASK_AGAIN * (1 + Math.random())) };
    case 'poisoned': {
      const message = `its process died ${crashes} times while working on it, at last with nothing beside it`;
      return { kind: 'dead', reason: 'crashed', detail: { message } };
    }
    case 'admitted':
      try {
        return await work();
      } finally {
        await isolation.leave(id, lock);
      }
  }
}
