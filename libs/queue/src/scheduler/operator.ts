import { queueKeyPrefix } from '../bullmq/layout.ts';
import { auditKey, schedulerBase } from '../keys.ts';
import type { RedisConnection } from '../redis/connect.ts';
import { defineScripts, type Scripts } from '../redis/scripts.ts';
import { perShard, type Shards } from '../sharding/across-shards.ts';
import { OPERATOR_SCRIPTS } from './scripts.ts';
import type { HeldConnection, Operator, Scheduler } from './types.ts';

/** An operator's part of the scheduler of one shard. */
export class ShardOperatorScheduler
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
   * Returns when the first delivery in each connection's queue was received, in milliseconds since the epoch. Deliveries
   * there are paced or held. Connections with an empty queue are left out. Costs Redis two commands per connection, in
   * one script.
   */
  async oldestQueued(connections: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (connections.length === 0) return new Map();
    const reply = await this.#scripts.oldestQueued(this.base, this.#deliveries, ...connections);
    return new Map(
      (reply as readonly string[]).flatMap((receivedAt, index) =>
        receivedAt === '' ? [] : [[connections[index] ?? '', Number(receivedAt)] as const],
      ),
    );
  }
}

/** An operator's part of the scheduler of all shards. */
export interface OperatorScheduler
  extends Pick<Scheduler, 'pauseConnection' | 'resumeConnection' | 'heldConnections'>,
    Pick<ShardOperatorScheduler, 'oldestQueued'> {}

/**
 * Returns the scheduler of all shards for an operator. Every method rejects while Redis is down. A connection is paused
 * and resumed in every shard: its deliveries are in one, and in a second one if its bot changed.
 */
export function createOperatorScheduler(shards: Shards): OperatorScheduler {
  const schedulers = perShard(shards, ({ redis, prefix }) => new ShardOperatorScheduler(redis, prefix));
  return {
    async pauseConnection(connection, by) {
      await Promise.all(schedulers().map((one) => one.pauseConnection(connection, by)));
    },
    resumeConnection: async (connection, by) =>
      (await Promise.all(schedulers().map((one) => one.resumeConnection(connection, by)))).includes(true),
    async oldestQueued(connections) {
      const oldest = new Map<string, number>();
      for (const found of await Promise.all(schedulers().map((one) => one.oldestQueued(connections)))) {
        for (const [id, at] of found) oldest.set(id, Math.min(at, oldest.get(id) ?? at));
      }
      return oldest;
    },
    heldConnections: async () =>
      mergeHeldConnections((await Promise.all(schedulers().map((one) => one.heldConnections()))).flat()),
  };
}

/** Returns one hold per connection, sorted by name. An operator's hold goes before one that a probe may end. */
function mergeHeldConnections(holds: readonly HeldConnection[]): readonly HeldConnection[] {
  const merged = new Map<string, HeldConnection>();
  for (const hold of holds) {
    const other = merged.get(hold.connection);
    const [shown, waiting] = [other?.by === 'operator' ? other : hold, other?.waiting ?? 0];
    merged.set(hold.connection, { ...shown, waiting: hold.waiting + waiting });
  }
  return [...merged.values()].sort((one, other) => (one.connection < other.connection ? -1 : 1));
}

/** A held connection, as the script returns it. */
type Row = readonly [
  connection: string,
  by: HeldConnection['by'],
  reason: string,
  since: string,
  probeAt: string,
  waiting: number,
];

/** Returns the held connections, sorted by name. */
function readHeldConnections(reply: unknown): readonly HeldConnection[] {
  return (reply as readonly Row[])
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
