import type { RedisConnection } from '../connect-redis.ts';
import { defineScripts } from './define-scripts.ts';
import type { Gate, Operator } from './gate.ts';
import { auditKey, gateBase, jobKey } from './gate-keys.ts';
import { readHolds } from './read-holds.ts';
import { HOLD, HOLDS, RELEASE } from './scripts/holding.ts';
import { OLDEST_IN_LANES } from './scripts/oldest-in-lanes.ts';
import type { Hold } from './turn.ts';

const SOURCES = {
  hold: { lua: HOLD, keys: 2 },
  release: { lua: RELEASE, keys: 2 },
  holds: { lua: HOLDS, keys: 1 },
  oldestInLanes: { lua: OLDEST_IN_LANES, keys: 2 },
} as const;

/** What an operator may do at the gate. */
export class OperatorGate implements Pick<Gate, 'hold' | 'release' | 'holds'> {
  protected readonly base: string;
  protected readonly audit: string;
  readonly #deliveries: string;
  readonly #scripts: ReturnType<typeof defineScripts<keyof typeof SOURCES>>;

  constructor(redis: RedisConnection, prefix: string) {
    this.base = gateBase(prefix);
    this.audit = auditKey(prefix);
    this.#deliveries = jobKey(prefix, '');
    this.#scripts = defineScripts(redis, SOURCES);
  }

  async hold(connection: string, { who, reason }: Operator): Promise<void> {
    await this.#scripts.hold(this.base, this.audit, connection, who, reason);
  }

  async release(connection: string, { who, reason }: Operator): Promise<boolean> {
    return (await this.#scripts.release(this.base, this.audit, connection, who, reason)) === 1;
  }

  async holds(): Promise<readonly Hold[]> {
    return readHolds(await this.#scripts.holds(this.base));
  }

  /**
   * Tells when the first in the lane of each of these was received, in milliseconds since the epoch; what waits there is
   * paced, held or retried. Connections whose lane is empty are left out. Costs Redis two commands a connection, in one
   * script.
   */
  async oldestInLanes(connections: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (connections.length === 0) return new Map();
    const answered = await this.#scripts.oldestInLanes(this.base, this.#deliveries, ...connections);
    return new Map(
      (answered as readonly string[]).flatMap((receivedAt, index) =>
        receivedAt === '' ? [] : [[connections[index] ?? '', Number(receivedAt)] as const],
      ),
    );
  }
}
