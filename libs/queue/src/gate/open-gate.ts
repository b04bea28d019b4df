import { connectConsumer, type RedisConnectionOptions } from '../connect-redis.ts';
import type { Gate } from './gate.ts';
import { RedisGate, type RedisGateOptions } from './redis-gate.ts';

export interface OpenGateOptions extends RedisGateOptions {
  readonly redisUrl: string;
  readonly onError: RedisConnectionOptions['onError'];
}

/**
 * Opens the gate, on a connection of its own: what is asked waits until Redis answers.
 *
 * What was under way when the connection broke is asked again by itself. A `begin` that Redis had carried
 * out then finds the record that it made, and its event is looked for though it was never sent: slow, and safe.
 */
export function openGate({
  redisUrl,
  onError,
  ...options
}: OpenGateOptions): Gate & { close(): Promise<void> } {
  const redis = connectConsumer({ url: redisUrl, name: 'sluice-worker-gate', onError });
  const gate = new RedisGate(redis, options);
  return Object.assign(gate, {
    close: async () => redis.disconnect(),
  });
}
