import type { RedisConnection } from './connect.ts';

/** A script on a connection: its keys first, then its arguments. */
export type RunScript = (...keysAndArguments: readonly (string | number)[]) => Promise<unknown>;

/** A script that a connection is to have. */
export interface ScriptSource {
  readonly lua: string;
  /** How many keys it takes. */
  readonly keys: number;
}

/**
 * Defines scripts on a connection, to be sent once and then named by their hash; a Redis that has forgotten
 * them, after a restart, is sent them again.
 */
export function defineScripts<Name extends string>(
  redis: RedisConnection,
  sources: Readonly<Record<Name, ScriptSource>>,
): Readonly<Record<Name, RunScript>> {
  const defined = Object.entries<ScriptSource>(sources).map(([name, { lua, keys }]) => {
    const command = `gate:${name}`;
    redis.defineCommand(command, { lua, numberOfKeys: keys });
    return [name, (Reflect.get(redis, command) as RunScript).bind(redis)];
  });
  return Object.fromEntries(defined) as Record<Name, RunScript>;
}
