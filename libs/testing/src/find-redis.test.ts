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

/** Creates an executable. The PATH of these tests contains nothing else. */
function script(file: string, body = ''): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!${process.execPath}\n${body}`);
  chmodSync(file, 0o755);
  return file;
}

/** Creates an apt and dpkg that unpack a dummy Redis. With stale lists, apt names a version that no longer exists. */
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

test('prefers REDIS_URL', async () => {
  script(join(bin, 'redis-server'));
  const url = 'rediss://:secret@redis.example:6380/1';
  expect(await find({ REDIS_URL: url })).toEqual({ kind: 'url', url });
});

test('ignores an empty REDIS_URL, as compose files set it', async () => {
  const path = script(join(bin, 'redis-server'));
  expect(await find({ REDIS_URL: '' })).toEqual({ kind: 'binary', path, origin: 'path' });
});

test('finds Redis on PATH, and prefers Valkey', async () => {
  script(join(bin, 'redis-server'));
  const path = script(join(bin, 'valkey-server'));
  expect(await find()).toEqual({ kind: 'binary', path, origin: 'path' });
});

test('finds Redis in the folder of the project, with its libraries, without a download', async () => {
  const path = script(join(root, '.sluice/redis-server/usr/bin/redis-server'));
  const libraryPath = join(root, '.sluice/redis-server/usr/lib/x86_64-linux-gnu');
  script(join(libraryPath, 'libjemalloc.so.2'));
  expect(await find()).toEqual({ kind: 'binary', path, libraryPath, origin: 'project' });
});

test('downloads Redis once for concurrent calls', async () => {
  installApt();
  const found = await Promise.all(Array.from({ length: 5 }, () => find()));
  expect(new Set(found.map((redis) => redis.kind === 'binary' && redis.path))).toEqual(
    new Set([join(root, '.sluice/redis-server/usr/bin/redis-server')]),
  );
  expect(called()).toEqual(['install', 'download']);
  expect(await readdir(join(root, '.sluice'))).toEqual(['redis-server']);
});

test('downloads package lists without root if those of the system are stale', async () => {
  installApt({ lists: 'stale' });
  expect(await find()).toMatchObject({ origin: 'project' });
  expect(called()).toEqual(['install', 'download', 'update own', 'install own', 'download own']);
});

test('takes over the lock of a dead process', async () => {
  installApt();
  mkdirSync(join(root, '.sluice'));
  // Higher than any process id of the kernel.
  writeFileSync(join(root, '.sluice/redis-server.lock'), '4194305');
  expect(await find()).toMatchObject({ origin: 'project' });
});

test('fails with one line that states what to install, and leaves no files', async () => {
  const failure = await find().catch((error) => error);
  expect(failure.message).toBe(NO_REDIS);
  expect(failure.message).not.toContain('\n');
  expect(await readdir(join(root, '.sluice'))).toEqual([]);
});
