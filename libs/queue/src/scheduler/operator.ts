import { queueKeyPrefix } from '../bullmq/layout.ts';
import { auditKey, schedulerBase } from '../keys.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { defineScripts, type Scripts } from '../redis/scripts.ts';
import { perShard, type Shards } from '../sharding/across-shards.ts';
import { OPERATOR_SCRIPTS } from './scripts.ts';
import type { HeldConnection, Operator, Scheduler } from './types.ts';

/** What an operator may do at the gate. */
export class OperatorScheduler
  implements Pick<Scheduler, 'pauseConnection' | 'resumeConnection' | 'heldConnections'>
{
  protected readonly base: string;
  protected readonly audit: string;
  readonly #deliveries: string;
  readonly #scripts: Scripts<typeof OPERATOR_SCRIPTS>;

  constructor(redis: RedisConnection, prefix: string) {
    this.base = schedulerBase(prefix);
    this.audit = auditKey(prefix);
    this.#deliveries = queueKeyPrefix(prefix);
    this.#scripts = defineScripts(redis, OPERATOR_SCRIPTS);
  }

  async pauseConnection(connection: string, { who, reason }: Operator): Promise<void> {
    await this.#scripts.pauseConnection(this.base, this.audit, connection, who, reason);
  }

  async resumeConnection(connection: string, { who, reason }: Operator): Promise<boolean> {
    return (await this.#scripts.resumeConnection(this.base, this.audit, connection, who, reason)) === 1;
  }

  async heldConnections(): Promise<readonly HeldConnection[]> {
    return readHeldConnections(await this.#scripts.heldConnections(this.base));
  }

  /**
   * Tells when the first in the lane of each of these was received, in milliseconds since the epoch; what waits there is
   * paced, held or retried. Connections whose lane is empty are left out. Costs Redis two commands a connection, in one
   * script.
   */
  async oldestQueued(connections: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (connections.length === 0) return new Map();
    const answered = await this.#scripts.oldestQueued(this.base, this.#deliveries, ...connections);
    return new Map(
      (answered as readonly string[]).flatMap((receivedAt, index) =>
        receivedAt === '' ? [] : [[connections[index] ?? '', Number(receivedAt)] as const],
      ),
    );
  }
}

/** What an operator may do at the gate, from outside of a worker. */
export interface OpenOperatorScheduler
  extends Pick<Scheduler, 'pauseConnection' | 'resumeConnection' | 'heldConnections'>,
    Pick<OperatorScheduler, 'oldestQueued'> {}

/**
 * Returns the scheduler of all shards for an operator. Every method rejects while Redis is down. A connection is paused
 * and resumed in every shard: its deliveries are in one, and in a second one if its bot changed.
 */
export function createOperatorScheduler(shards: Shards): OpenOperatorScheduler {
  const gates = perShard(shards, ({ redis, prefix }) => new OperatorScheduler(redis, prefix));
  return {
    async pauseConnection(connection, by) {
      await Promise.all(gates().map((gate) => gate.pauseConnection(connection, by)));
    },
    resumeConnection: async (connection, by) =>
      (await Promise.all(gates().map((gate) => gate.resumeConnection(connection, by)))).includes(true),
    async oldestQueued(connections) {
      const oldest = new Map<string, number>();
      for (const found of await Promise.all(gates().map((gate) => gate.oldestQueued(connections)))) {
        for (const [id, at] of found) oldest.set(id, Math.min(at, oldest.get(id) ?? at));
      }
      return oldest;
    },
    heldConnections: async () =>
      mergeHeldConnections((await Promise.all(gates().map((gate) => gate.heldConnections()))).flat()),
  };
}

/** By name of the connection; an operator's hold before one that probes may lift. */
function mergeHeldConnections(holds: readonly HeldConnection[]): readonly HeldConnection[] {
  const merged = new Map<string, HeldConnection>();
  for (const hold of holds) {
    const other = merged.get(hold.connection);
    const [shown, waiting] = [other?.by === 'operator' ? other : hold, other?.waiting ?? 0];
    merged.set(hold.connection, { ...shown, waiting: hold.waiting + waiting });
  }
  return [...merged.values()].sort((one, other) => (one.connection < other.connection ? -1 : 1));
}

/** What the script answers of each hold. */
type Answer = readonly [
  connection: string,
  by: HeldConnection['by'],
  reason: string,
  since: string,
  probeAt: string,
  waiting: number,
];

/** Reads what the script of `holds` answered, by name of the connection. */
function readHeldConnections(answered: unknown): readonly HeldConnection[] {
  return (answered as readonly Answer[])
    .map(([connection, by, reason, since, probeAt, waiting]) => ({
      connection,
      by,
      reason,
      since: Number(since),
      ...(probeAt === '' ? {} : { probeAt: Number(probeAt) }),
      waiting,
    }))
    .sort((one, other) => (one.connection < other.connection ? -1 : 1));
}
