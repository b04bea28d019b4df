import { connectProducer, type RedisConnectionOptions, reachedOf } from '../connect-redis.ts';
import type { Gate } from './gate.ts';
import { OperatorGate } from './operator-gate.ts';

/** What an operator may do at the gate, from outside of a worker. */
export interface OpenOperatorGate extends Pick<Gate, 'hold' | 'release' | 'holds'> {
  /** Resolves when Redis has been reached; never rejects. What is asked before fails. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

/** Opens the gate for an operator; a Redis that is down makes what is asked fail, not wait. */
export function openOperatorGate(
  options: RedisConnectionOptions & { readonly prefix: string },
): OpenOperatorGate {
  const redis = connectProducer(options);
  const gate = new OperatorGate(redis, options.prefix);
  return Object.assign(gate, {
    reached: reachedOf(redis),
    close: async () => redis.disconnect(),
  });
}
