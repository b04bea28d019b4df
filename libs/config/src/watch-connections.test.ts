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

/** Watches with looks made by hand; `settle` is the two looks after which a change is taken. */
function watch(path = file) {
  const told: string[] = [];
  let look: (() => void) | undefined;
  const watched = watchConnections(path, {
    env: {},
    onReloaded: (connections) =>
      told.push(
        connections
          .all()
          .map(({ id }) => id)
          .join(),
      ),
    onRejected: (error) => told.push(`rejected: ${error.message}`),
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
  return { watched, told, ids, settle, look: () => look?.(), isScheduled: () => look !== undefined };
}

test('an edit in place is taken', () => {
  const { told, ids, settle } = watch();
  settle();
  expect(told).toEqual([]);
  writeFileSync(file, yaml('one', 'two'));
  settle();
  expect(ids()).toEqual(['one', 'two']);
  expect(told).toEqual(['one,two']);
});

test('a file put in its place by rename is taken, also with the same size and time', () => {
  const time = new Date(1_000_000);
  utimesSync(file, time, time);
  const { ids, settle } = watch();
  writeFileSync(`${file}.new`, yaml('two'));
  utimesSync(`${file}.new`, time, time);
  renameSync(`${file}.new`, file);
  settle();
  expect(ids()).toEqual(['two']);
});

test('a swapped link above it is taken, as Kubernetes does it', () => {
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

test('a bad edit keeps the old ones and is told once; mending it is told', () => {
  const { told, ids, settle } = watch();
  writeFileSync(file, yaml('one', 'one'));
  settle();
  settle();
  expect(ids()).toEqual(['one']);
  expect(told).toEqual([
    expect.stringMatching(/^rejected: .*:3:11 {2}connections\[1\]\.id {2}the id "one" is taken/),
  ]);
  writeFileSync(file, yaml('one'));
  settle();
  expect(told[1]).toBe('one');
});

test('a file that is gone keeps the old ones and is told once; its return is told', () => {
  const { told, ids, settle } = watch();
  rmSync(file);
  settle();
  settle();
  expect(ids()).toEqual(['one']);
  expect(told).toEqual([expect.stringContaining('no such connections file')]);
  writeFileSync(file, yaml('one'));
  settle();
  expect(told[1]).toBe('one');
});

test('a file that is still being written is left alone until it keeps still', () => {
  const { told, ids, look } = watch();
  writeFileSync(file, yaml('a'));
  look();
  writeFileSync(file, yaml('a', 'b'));
  look();
  expect(told).toEqual([]);
  look();
  expect(ids()).toEqual(['a', 'b']);
});

test('touching it reloads nothing', () => {
  const { told, settle } = watch();
  utimesSync(file, new Date(), new Date());
  settle();
  expect(told).toEqual([]);
});

test('close ends the looking', () => {
  const { watched, isScheduled } = watch();
  expect(isScheduled()).toBe(true);
  watched.close();
  expect(isScheduled()).toBe(false);
});

test('a broken file at the start throws', () => {
  writeFileSync(file, 'connections: 7');
  expect(() => watch()).toThrow(/should be a list, not a number/);
});
