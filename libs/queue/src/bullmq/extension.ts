import { basename } from 'node:path';
import type { IRedisTransaction, RedisClient } from 'bullmq';
import { type LuaConstants, type LuaScript, luaNames, luaScript, readLua } from '../redis/scripts.ts';
import { LUA_LAYOUT } from './layout.ts';
import { bullmqLua } from './private-surface.ts';
import { BULLMQ_SCRIPTS, type BullmqScript, PACKED, positionsOf } from './script-layout.ts';

/** Where a script runs: on a connection, or within a transaction. */
export type ScriptTarget = RedisClient | IRedisTransaction;

/**
 * A Sluice script that contains a BullMQ script, so that both run as one. It calls BullMQ's script as the function
 * `bullmq`, and has its own keys and arguments after BullMQ's.
 *
 * A MULTI of two scripts does not replace it (measured): a full Redis refuses every MULTI, while BullMQ's scripts that
 * complete or fail a job still run and free memory. A MULTI also continues when one of its scripts is refused.
 */
export interface Extension {
  readonly command: string;
  readonly extended: BullmqScript;
  readonly script: LuaScript;
}

export interface ExtensionOptions {
  readonly extended: BullmqScript;
  /** Names of Sluice's keys and arguments, in order. In Lua: `KEY_<NAME>`, `ARG_<NAME>`. */
  readonly keys?: readonly string[];
  readonly args?: readonly string[];
  readonly constants?: LuaConstants;
}

/** @param importer the `import.meta.url` of the caller, to which `path` is relative */
export function extension(
  importer: string,
  path: string,
  { extended, keys = [], args = [], constants = {} }: ExtensionOptions,
): Extension {
  const script = luaScript(importer, path, {
    keys: BULLMQ_SCRIPTS[extended].keys.length + keys.length,
    constants: {
      ...LUA_LAYOUT,
      ...luaNames('PACKED', PACKED),
      ...positionsOf(extended, { keys, args }),
      ...constants,
    },
  });
  return { command: `sluice:${basename(path, '.lua')}:${extended}`, extended, script };
}

/** The commands that are defined on each connection. */
const defined = new WeakMap<RedisClient, Set<string>>();

/** Defines extensions on a connection, once. A transaction has those that were defined before it was created. */
export function defineExtensions(client: RedisClient, extensions: Iterable<Extension>): void {
  for (const { command, extended, script } of extensions) {
    const lua = () => `local function bullmq()\n${bullmqLua(extended)}\nend\n${readLua(script)}`;
    define(client, command, script.keys, lua);
  }
}

/** Defines a script that extends no BullMQ script, once. */
export function defineScript(client: RedisClient, command: string, script: LuaScript): void {
  define(client, command, script.keys, () => readLua(script));
}

function define(client: RedisClient, command: string, numberOfKeys: number, lua: () => string): void {
  const commands = defined.get(client) ?? new Set();
  if (commands.has(command)) return;
  client.defineCommand(command, { lua: lua(), numberOfKeys });
  defined.set(client, commands.add(command));
}

/**
 * Runs an extension that is defined on the connection.
 *
 * @param args the keys and arguments of BullMQ's script
 */
export function runExtension(
  target: ScriptTarget,
  { command, extended }: Extension,
  args: readonly unknown[],
  own: { readonly keys: readonly unknown[]; readonly args: readonly unknown[] },
): Promise<unknown> {
  const keys = BULLMQ_SCRIPTS[extended].keys.length;
  const all = [...args.slice(0, keys), ...own.keys, ...args.slice(keys), ...own.args];
  return target.runCommand(command, all) as Promise<unknown>;
}
