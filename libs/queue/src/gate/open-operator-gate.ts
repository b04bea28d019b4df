import { connectProducer, reachedOf } from '../connect-redis.ts';
import { eachShard, type ShardedOptions } from '../shards/each-shard.ts';
import type { Gate } from './gate.ts';
import { OperatorGate } from './operator-gate.ts';
import type { Hold } from './turn.ts';

/** What an operator may do at the gate, from outside of a worker. */
export interface OpenOperatorGate
  extends Pick<Gate, 'hold' | 'release' | 'holds'>,
    Pick<OperatorGate, 'oldestInLanes'> {
  /** Resolves when Redis has been reached; never rejects. What is asked before fails. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the gate of all shards for an operator; a Redis that is down makes what is asked fail, not wait. A hold is set
 * and lifted in each shard, though a connection's deliveries are in one: in another as well if its bot was another.
 */
export function openOperatorGate(options: ShardedOptions): OpenOperatorGate {
  const { all, reached, close } = eachShard(options, openOne);
  const gates = () => all().map(({ gate }) => gate);
  return {
    reached,
    close,
    async hold(connection, by) {
      await Promise.all(gates().map((gate) => gate.hold(connection, by)));
    },
    release: async (connection, by) =>
      (await Promise.all(gates().map((gate) => gate.release(connection, by)))).includes(true),
    async oldestInLanes(connections) {
      const oldest = new Map<string, number>();
      for (const found of await Promise.all(gates().map((gate) => gate.oldestInLanes(connections)))) {
        for (const [id, at] of found) oldest.set(id, Math.min(at, oldest.get(id) ?? at));
      }
      return oldest;
    },
    holds: async () => mergeHolds((await Promise.all(gates().map((gate) => gate.holds()))).flat()),
  };
}

function openOne(options: ShardedOptions) {
  const redis = connectProducer(options);
  return {
    gate: new OperatorGate(redis, options.prefix),
    reached: reachedOf(redis),
    close: async () => redis.disconnect(),
  };
}

/** By name of the connection; an operator's hold before one that probes may lift. */
function mergeHolds(holds: readonly Hold[]): readonly Hold[] {
  const merged = new Map<string, Hold>();
  for (const hold of holds) {
    const other = merged.get(hold.connection);
    const [shown, waiting] = [other?.by === 'operator' ? other : hold, other?.waiting ?? 0];
    merged.set(hold.connection, { ...shown, waiting: hold.waiting + waiting });
  }
  return [...merged.values()].sort((one, other) => (one.connection < other.connection ? -1 : 1));
}
