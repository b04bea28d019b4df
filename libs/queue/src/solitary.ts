import type { RedisConnection } from './connect-redis.ts';

/** What a delivery is told that asks to be worked on alone. */
export type Admission =
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
export class Solitary {
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

  async enter(deliveryId: string, lock: string): Promise<Admission> {
    const key = this.#toKey(deliveryId);
    const args = [lock, this.#lockDuration, CRASHES_ALONE];
    return (await this.#redis.eval(ENTER, 3, this.#cell, key, `${key}:lock`, ...args)) as Admission;
  }

  /** Whatever became of the delivery, its process lived. */
  async leave(deliveryId: string, lock: string): Promise<void> {
    await this.#redis.eval(LEAVE, 2, this.#cell, this.#toKey(deliveryId), lock);
  }
}

/** Deaths of processes that had a delivery alone; one may be a deploy or a lack of memory, three are no chance. */
const CRASHES_ALONE = 3;

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
