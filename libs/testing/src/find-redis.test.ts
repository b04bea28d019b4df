import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findRedis, NO_REDIS } from './find-redis.ts';

let root: string;
let bin: string;
let calls: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-find-'));
  bin = join(root, 'bin');
  calls = join(root, 'calls');
  mkdirSync(bin);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** An executable of that name, the only ones on the PATH of these tests. */
function script(file: string, body = ''): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!${process.execPath}\n${body}`);
  chmodSync(file, 0o755);
  return file;
}

/** apt and dpkg that unpack a Redis of one line; `lists: 'stale'` ones name a version that is gone. */
function installApt({ lists = 'fresh' }: { lists?: 'fresh' | 'stale' } = {}): void {
  script(
    join(bin, 'apt-get'),
    `const { appendFileSync, writeFileSync } = require('node:fs');
     const args = process.argv.slice(2).filter((arg, i, all) => arg !== '-o' && all[i - 1] !== '-o');
     const own = process.argv.some((arg) => arg.startsWith('Dir::State::lists='));
     appendFileSync(${JSON.stringify(calls)}, args[0] + (own ? ' own' : '') + '\\n');
     if (args[0] === 'install') console.log('Inst liblzf1 (3.6-3 Debian [amd64])\\nInst redis-server (7 Debian [amd64])');
     if (args[0] === 'download' && !own && ${lists === 'stale'}) process.exit(100);
     if (args[0] === 'download') for (const name of args.slice(1)) writeFileSync(name + '_1_amd64.deb', '');`,
  );
  script(
    join(bin, 'dpkg'),
    `const { mkdirSync, writeFileSync } = require('node:fs');
     const [, deb, root] = process.argv.slice(2);
     mkdirSync(root + '/usr/bin', { recursive: true });
     mkdirSync(root + '/usr/lib/x86_64-linux-gnu', { recursive: true });
     if (deb.includes('liblzf1')) writeFileSync(root + '/usr/lib/x86_64-linux-gnu/liblzf.so.1', '');
     else writeFileSync(root + '/usr/bin/redis-server', '#!${process.execPath}', { mode: 0o755 });`,
  );
}

const find = (env: NodeJS.ProcessEnv = {}) => findRedis({ env: { PATH: bin, ...env }, projectRoot: root });
const called = () => readFileSync(calls, 'utf8').trim().split('\n');

test('REDIS_URL comes first', async () => {
  script(join(bin, 'redis-server'));
  const url = 'rediss://:secret@redis.example:6380/1';
  expect(await find({ REDIS_URL: url })).toEqual({ kind: 'url', url });
});

test('an empty REDIS_URL, as compose files leave behind, counts as none', async () => {
  const path = script(join(bin, 'redis-server'));
  expect(await find({ REDIS_URL: '' })).toEqual({ kind: 'binary', path, origin: 'path' });
});

test('PATH comes next, valkey before redis', async () => {
  script(join(bin, 'redis-server'));
  const path = script(join(bin, 'valkey-server'));
  expect(await find()).toEqual({ kind: 'binary', path, origin: 'path' });
});

test('then the folder of the project, with its libraries, and nothing is fetched', async () => {
  const path = script(join(root, '.sluice/redis-server/usr/bin/redis-server'));
  const libraryPath = join(root, '.sluice/redis-server/usr/lib/x86_64-linux-gnu');
  script(join(libraryPath, 'libjemalloc.so.2'));
  expect(await find()).toEqual({ kind: 'binary', path, libraryPath, origin: 'project' });
});

test('else it is fetched once, however many look at the same time', async () => {
  installApt();
  const found = await Promise.all(Array.from({ length: 5 }, () => find()));
  expect(new Set(found.map((redis) => redis.kind === 'binary' && redis.path))).toEqual(
    new Set([join(root, '.sluice/redis-server/usr/bin/redis-server')]),
  );
  expect(called()).toEqual(['install', 'download']);
  expect(await readdir(join(root, '.sluice'))).toEqual(['redis-server']);
});

test('stale package lists are replaced by some of our own, which need no root', async () => {
  installApt({ lists: 'stale' });
  expect(await find()).toMatchObject({ origin: 'project' });
  expect(called()).toEqual(['install', 'download', 'update own', 'install own', 'download own']);
});

test('a lock whose holder died is taken over', async () => {
  installApt();
  mkdirSync(join(root, '.sluice'));
  // Above the kernel's highest process id.
  writeFileSync(join(root, '.sluice/redis-server.lock'), '4194305');
  expect(await find()).toMatchObject({ origin: 'project' });
});

test('with nothing to be found or fetched, one line says what to install, and nothing is left behind', async () => {
  const failure = await find().catch((error) => error);
  expect(failure.message).toBe(NO_REDIS);
  expect(failure.message).not.toContain('\n');
  expect(await readdir(join(root, '.sluice'))).toEqual([]);
});
