import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchConnections } from './watch-connections.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-watch-'));
  file = join(folder, 'connections.yaml');
  writeFileSync(file, yaml('one'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const yaml = (...ids: string[]) =>
  `connections:\n${ids.map((id) => `  - { id: ${id}, source: shopify, secrets: [s], settings: { shopName: a }, botpress: { botId: b, token: t } }\n`).join('')}`;

/** Watches with manual checks. `settle` runs the two checks after which a change is loaded. */
function watch(path = file) {
  const calls: string[] = [];
  let look: (() => void) | undefined;
  const watched = watchConnections(path, {
    env: {},
    onReloaded: (connections) =>
      calls.push(
        connections
          .all()
          .map(({ id }) => id)
          .join(),
      ),
    onRejected: (error) => calls.push(`rejected: ${error.message}`),
    schedule: (check) => {
      look = check;
      return () => {
        look = undefined;
      };
    },
  });
  const settle = () => {
    look?.();
    look?.();
  };
  const ids = () => watched.current.all().map(({ id }) => id);
  return { watched, calls, ids, settle, look: () => look?.(), isScheduled: () => look !== undefined };
}

test('loads an edit in place', () => {
  const { calls, ids, settle } = watch();
  settle();
  expect(calls).toEqual([]);
  writeFileSync(file, yaml('one', 'two'));
  settle();
  expect(ids()).toEqual(['one', 'two']);
  expect(calls).toEqual(['one,two']);
});

test('loads a file renamed into place, even with the same size and time', () => {
  const time = new Date(1_000_000);
  utimesSync(file, time, time);
  const { ids, settle } = watch();
  writeFileSync(`${file}.new`, yaml('two'));
  utimesSync(`${file}.new`, time, time);
  renameSync(`${file}.new`, file);
  settle();
  expect(ids()).toEqual(['two']);
});

test('loads a file behind a swapped link, as in Kubernetes', () => {
  for (const [version, id] of [
    ['v1', 'one'],
    ['v2', 'two'],
  ] as const) {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'connections.yaml'), yaml(id));
  }
  symlinkSync('v1', join(folder, '..data'));
  const mounted = join(folder, 'mounted.yaml');
  symlinkSync('..data/connections.yaml', mounted);
  const { ids, settle } = watch(mounted);
  expect(ids()).toEqual(['one']);
  symlinkSync('v2', join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  settle();
  expect(ids()).toEqual(['two']);
});

test('keeps the connections after an invalid edit, reports it once, and reports the fix', () => {
  const { calls, ids, settle } = watch();
  writeFileSync(file, yaml('one', 'one'));
  settle();
  settle();
  expect(ids()).toEqual(['one']);
  expect(calls).toEqual([
    expect.stringMatching(/^rejected: .*:3:11: connections\[1\]\.id repeats the id "one"/),
  ]);
  writeFileSync(file, yaml('one'));
  settle();
  expect(calls[1]).toBe('one');
});

test('keeps the connections of a deleted file, reports it once, and reports its return', () => {
  const { calls, ids, settle } = watch();
  rmSync(file);
  settle();
  settle();
  expect(ids()).toEqual(['one']);
  expect(calls).toEqual([expect.stringContaining('no such connections file')]);
  writeFileSync(file, yaml('one'));
  settle();
  expect(calls[1]).toBe('one');
});

test('waits until a file that is being written is stable', () => {
  const { calls, ids, look } = watch();
  writeFileSync(file, yaml('a'));
  look();
  writeFileSync(file, yaml('a', 'b'));
  look();
  expect(calls).toEqual([]);
  look();
  expect(ids()).toEqual(['a', 'b']);
});

test('does not reload a file with the same content', () => {
  const { calls, settle } = watch();
  utimesSync(file, new Date(), new Date());
  settle();
  expect(calls).toEqual([]);
});

test('stops checking when it is closed', () => {
  const { watched, isScheduled } = watch();
  expect(isScheduled()).toBe(true);
  watched.close();
  expect(isScheduled()).toBe(false);
});

test('throws for an invalid file at startup', () => {
  writeFileSync(file, 'connections: 7');
  expect(() => watch()).toThrow(/must be a list, not a number/);
});
