import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RedisConnection } from './connect.ts';

/** A script on a connection: its keys first, then its arguments. */
export type RunScript = (...keysAndArguments: readonly (string | number)[]) => Promise<unknown>;

/** Values that TypeScript and Lua share, by their name in Lua, which is in upper case. */
export type LuaConstants = Readonly<Record<string, string | number>>;

/** A script in a `.lua` file. */
export interface LuaScript {
  /** Absolute path of the file. */
  readonly file: string;
  /** Number of its keys. */
  readonly keys: number;
  readonly constants: LuaConstants;
}

/** Comments and strings in Lua. Sluice's scripts use no long brackets. */
const COMMENTS_AND_STRINGS = /--[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;

/** Lines without code. */
const COMMENT_LINES = /^[ \t]*(?:--[^\n]*)?\n/gm;

const INCLUDE = /^--@include (\S+)$/gm;

const texts = new WeakMap<LuaScript, string>();

/**
 * Describes a script; its file is read when the script is first defined on a connection. libs/queue/README.md
 * explains how to write one.
 *
 * @param importer the `import.meta.url` of the caller, to which `path` is relative
 */
export function luaScript(
  importer: string,
  path: string,
  { keys, constants = {} }: { readonly keys: number; readonly constants?: LuaConstants },
): LuaScript {
  return { file: join(dirname(fileURLToPath(importer)), path), keys, constants };
}

/**
 * Returns the Lua of a script: a prelude with those constants that it names, then its file with its includes, without
 * lines that are only comments.
 *
 * @throws an Error if a file is missing or uses a constant that the script does not have
 */
export function readLua(script: LuaScript): string {
  const known = texts.get(script);
  if (known !== undefined) return known;
  const body = readWithIncludes(script.file, new Set()).replaceAll(COMMENT_LINES, '');
  const lua = `${prelude(script, body)}${body}`;
  texts.set(script, lua);
  return lua;
}

/** Scripts defined on a connection. */
export type Scripts<Sources> = { readonly [Name in keyof Sources]: RunScript };

/**
 * Defines scripts on a connection. ioredis sends each to Redis once and then runs it by its hash; after a restart
 * of Redis, ioredis sends it again.
 */
export function defineScripts<Name extends string>(
  redis: RedisConnection,
  scripts: Readonly<Record<Name, LuaScript>>,
): Readonly<Record<Name, RunScript>> {
  const defined = Object.entries<LuaScript>(scripts).map(([name, script]) => {
    const command = `sluice:${name}`;
    return [name, define(redis, command, script)];
  });
  return Object.fromEntries(defined) as Record<Name, RunScript>;
}

const defined = new WeakMap<RedisConnection, Map<LuaScript, RunScript>>();

/** Runs a script on a connection, on which it is defined the first time. */
export function runScript(
  redis: RedisConnection,
  script: LuaScript,
  ...keysAndArguments: readonly (string | number)[]
): Promise<unknown> {
  const scripts = defined.get(redis) ?? new Map<LuaScript, RunScript>();
  const run = scripts.get(script) ?? define(redis, `sluice:${script.file}`, script);
  defined.set(redis, scripts.set(script, run));
  return run(...keysAndArguments);
}

function define(redis: RedisConnection, command: string, script: LuaScript): RunScript {
  redis.defineCommand(command, { lua: readLua(script), numberOfKeys: script.keys });
  return (Reflect.get(redis, command) as RunScript).bind(redis);
}

/** Names the values of a table for Lua: `{failedReason: 'x'}` with `FIELD` becomes `{FIELD_FAILED_REASON: 'x'}`. */
export function luaNames(prefix: string, table: Readonly<Record<string, string | number>>): LuaConstants {
  const entries = Object.entries(table).map(([name, value]) => {
    const words = name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
    return [`${prefix}_${words}`, value];
  });
  return Object.fromEntries(entries);
}

/** Includes each file once, at its first mention. */
function readWithIncludes(file: string, included: Set<string>): string {
  included.add(file);
  return readFileSync(file, 'utf8').replaceAll(INCLUDE, (_line, path: string) => {
    const other = join(dirname(file), path);
    return included.has(other) ? '' : readWithIncludes(other, included);
  });
}

function prelude({ file, constants }: LuaScript, body: string): string {
  const code = body.replaceAll(COMMENTS_AND_STRINGS, ' ');
  const names = new Set(code.match(/\b[A-Z][A-Z0-9_]*\b/g));
  const own = new Set([...code.matchAll(/\blocal ([A-Z][A-Z0-9_]*)\b/g)].map(([, name]) => name));
  const lines = [...names].flatMap((name) => {
    if (name === 'KEYS' || name === 'ARGV' || own.has(name)) return [];
    const value = constants[name];
    if (value === undefined)
      throw new Error(`${basename(file)} uses ${name}, which is not a constant of the script.`);
    return [`local ${name} = ${typeof value === 'number' ? value : quote(value)}\n`];
  });
  return lines.join('');
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&').replaceAll('\n', '\\n')}'`;
}
