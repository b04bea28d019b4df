import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { startRedis } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectProducer } from './connect.ts';
import { type LuaConstants, luaNames, luaScript, readLua, runScript } from './scripts.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lua-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Writes the files and returns the text of the first. */
function read(files: Readonly<Record<string, string>>, constants: LuaConstants = {}): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [first = ''] = Object.keys(files);
  return readLua(
    luaScript(pathToFileURL(join(folder, 'caller.ts')).href, `./${first}`, { keys: 1, constants }),
  );
}

test('defines the constants that a script names, before its code', () => {
  const constants = { MOST: 500, SMALL: 0.5, NAME: "it's \\", UNUSED: 1 };
  expect(read({ 'a.lua': 'return {MOST, SMALL, NAME}\n' }, constants)).toBe(
    "local MOST = 500\nlocal SMALL = 0.5\nlocal NAME = 'it\\'s \\\\'\nreturn {MOST, SMALL, NAME}\n",
  );
});

test('includes each file once, at its first mention', () => {
  const files = {
    'b.lua': '--@include one.lua\n--@include two.lua\nreturn 1\n',
    'one.lua': '--@include two.lua\nlocal one = two\n',
    'two.lua': 'local two = LIMIT\n',
  };
  expect(read(files, { LIMIT: 2 })).toBe('local LIMIT = 2\nlocal two = LIMIT\nlocal one = two\nreturn 1\n');
});

test('omits comment lines', () => {
  expect(read({ 'c.lua': '-- What it does.\n\n  -- Why.\nreturn 1 -- one\n' })).toBe('return 1 -- one\n');
});

test('rejects a name that is not a constant of the script', () => {
  expect(() =>
    read({ 'd.lua': "local MINE = 1\nredis.call('HGET', KEYS[1], FIELD_MISSING)\n-- NOTE\nreturn MINE\n" }),
  ).toThrow('d.lua uses FIELD_MISSING, which is not a constant of the script.');
});

test('reads a file when its text is first needed, not when the script is described', () => {
  const script = luaScript(pathToFileURL(join(folder, 'caller.ts')).href, './later.lua', { keys: 0 });
  expect(() => readLua(script)).toThrow('ENOENT');
  writeFileSync(join(folder, 'later.lua'), 'return 1\n');
  expect(readLua(script)).toBe('return 1\n');
});

test('names the values of a table in upper case', () => {
  expect(luaNames('FIELD', { data: 'data', failedReason: 'failedReason' })).toEqual({
    FIELD_DATA: 'data',
    FIELD_FAILED_REASON: 'failedReason',
  });
});

test('sends the text of a script once per connection, then its hash, and the text again if Redis has lost it', async () => {
  const server = await startRedis({ own: true });
  const redis = connectProducer({ url: server.url, name: 'test', onError: () => {} });
  try {
    await once(redis, 'ready');
    writeFileSync(join(folder, 'run.lua'), 'return {KEYS[1], ARGV[1]}\n');
    const script = luaScript(pathToFileURL(join(folder, 'caller.ts')).href, './run.lua', { keys: 1 });
    const callsOf = async () => {
      const found = (await redis.info('commandstats')).matchAll(/cmdstat_(eval|evalsha):calls=(\d+)/g);
      return Object.fromEntries([...found].map(([, name, count]) => [name, Number(count)]));
    };
    const run = async (argument: string) =>
      expect(await runScript(redis, script, 'key', argument)).toEqual(['key', argument]);
    for (const argument of ['a', 'b', 'c']) await run(argument);
    expect(await callsOf()).toEqual({ eval: 1, evalsha: 2 });
    await redis.script('FLUSH');
    await run('d');
    expect(await callsOf()).toEqual({ eval: 2, evalsha: 3 });
  } finally {
    redis.disconnect();
    await server.stop();
  }
});
