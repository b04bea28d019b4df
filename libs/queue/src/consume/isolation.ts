import type { Job } from 'bullmq';
import type { DeliveryOutcome } from '../records/outcome.ts';
import type { RedisConnection } from '../redis/connect.ts';

/** What a delivery is told that asks to be worked on alone. */
export type IsolationResult =
  /** No other suspect is being worked on, nowhere, until `leave`. */
  | 'alone'
  /** Another is: come back soon. */
  | 'busy'
  /** It was alone before, and its process died with it each time. */
  | 'condemned'
  /** The lock is another's by now. */
  | 'lost';

/**
 * Takes deliveries aside whose process has died with them more than once.
 *
 * A delivery that kills its process takes with it whatever else was being worked on there, and all of them
 * come back together, to die together. Counting crashes would condemn the neighbours as well. So suspects are
 * worked on one at a time, in all workers together: what crashes alone is guilty, and what does not is cleared.
 */
export class Isolation {
  readonly #redis: RedisConnection;
  readonly #cell: string;
  readonly #toKey: (id: string) => string;
  readonly #lockDuration: number;

  /** @param lockDuration milliseconds after which a dead worker's suspect gives the cell up */
  constructor(options: {
    readonly redis: RedisConnection;
    readonly prefix: string;
    readonly toKey: (id: string) => string;
    readonly lockDuration: number;
  }) {
    this.#redis = options.redis;
    this.#cell = `${options.prefix}:solitary`;
    this.#toKey = options.toKey;
    this.#lockDuration = options.lockDuration;
  }

  async enter(deliveryId: string, lock: string): Promise<IsolationResult> {
    const key = this.#toKey(deliveryId);
    const args = [lock, this.#lockDuration, MAX_ISOLATED_CRASHES];
    return (await this.#redis.eval(ENTER, 3, this.#cell, key, `${key}:lock`, ...args)) as IsolationResult;
  }

  /** Whatever became of the delivery, its process lived. */
  async leave(deliveryId: string, lock: string): Promise<void> {
    await this.#redis.eval(LEAVE, 2, this.#cell, this.#toKey(deliveryId), lock);
  }
}

/** Deaths of processes that had a delivery alone; one may be a deploy or a lack of memory, three are no chance. */
const MAX_ISOLATED_CRASHES = 3;

const ENTER = `
if redis.call('GET', KEYS[3]) ~= ARGV[1] then return 'lost' end
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 'busy' end
if redis.call('HINCRBY', KEYS[2], 'sl:alone', 1) > tonumber(ARGV[3]) then
  redis.call('DEL', KEYS[1])
  return 'condemned'
end
return 'alone'`;

const LEAVE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
redis.call('HDEL', KEYS[2], 'sl:alone')`;

/** Crashes after which a delivery is a suspect. The first is mostly a deploy or a machine that went. */
const SUSPECT = 2;

/** Milliseconds until a suspect asks again, one to two times this. */
const ASK_AGAIN = 500;

/**
 * Works on a delivery: as it comes, or alone where its process has died with it before.
 *
 * @param work does not reject for anything that a delivery can cause
 */
export async function runIsolated(
  { job, lock, solitary }: { readonly job: Job; readonly lock: string; readonly solitary: Isolation },
  work: () => Promise<DeliveryOutcome>,
): Promise<DeliveryOutcome> {
  if (job.stalledCounter < SUSPECT) return work();
  const id = job.id ?? '';
  const admission = await solitary.enter(id, lock);
  switch (admission) {
    case 'lost':
      return { kind: 'lost' };
    case 'busy':
      return { kind: 'paced', until: Math.ceil(Date.now() + ASK_AGAIN * (1 + Math.random())) };
    case 'condemned': {
      const message = `its process died ${job.stalledCounter} times while working on it, at last with nothing beside it`;
      return { kind: 'dead', reason: 'crashed', detail: { message } };
    }
    case 'alone':
      try {
        return await work();
      } finally {
        await solitary.leave(id, lock);
      }
  }
}
