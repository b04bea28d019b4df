import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type RunningRedis, startRedis } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createLedgerReader, type LedgerReader } from '../ledger/reader.ts';
import { openShards, type Shards } from '../sharding/across-shards.ts';

const PREFIX = '{sluice}';
const CHILD = fileURLToPath(new URL('../test-support/ledger-child.ts', import.meta.url));
const TIMEOUT = 60_000;

let server: RunningRedis;
let redis: Redis;
let reader: LedgerReader;
let shards: Shards;
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await startRedis({ own: true });
  redis = new Redis(server.url);
  redis.on('error', () => {});
  shards = openShards({ url: server.url, name: 'test', prefix: PREFIX, onError: () => {} });
  reader = createLedgerReader(shards);
  await shards.reached;
});

beforeEach(() => redis.flushall());

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

afterAll(async () => {
  await shards.close();
  redis.disconnect();
  await server.stop();
});

/** Starts the process. `printed` resolves when it has printed `count` lines, `ended` when it has exited. */
function start(role: 'enqueue' | 'deliver') {
  const argv = ['--conditions=@sluice/source', '--import', 'tsx', CHILD, role, server.url, PREFIX];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const check of waiting) check();
  });
  const printed = (count: number) =>
    new Promise<void>((resolve, reject) => {
      waiting.push(() => lines.length >= count && resolve());
      child.once('exit', () => reject(new Error(`ended after ${lines.length} lines`)));
    });
  const ended = once(child, 'exit');
  return { child, lines, printed, ended };
}

async function killAfter(role: 'enqueue' | 'deliver', lines: number): Promise<string[]> {
  const { child, lines: printedLines, printed, ended } = start(role);
  await printed(lines);
  child.kill('SIGKILL');
  await ended;
  return printedLines;
}

/** Checks that counters, lengths and a walk over all stored deliveries agree. Returns the totals. */
async function expectAllAgree() {
  const { rows, total, stored, differences } = await reader.readLedger();
  expect(differences).toEqual([]);
  const walked = await reader.countStored();
  const ofRows = rows.map(({ connection, pending, dead }) => [connection, { pending, dead }]);
  expect(Object.fromEntries(walked)).toEqual(Object.fromEntries(ofRows));
  return { ...total, stored };
}

test('counters match the stored deliveries after a kill of the process that enqueues', {
  timeout: TIMEOUT,
}, async () => {
  const lines = await killAfter('enqueue', 30);
  const { accepted, duplicates, pending } = await expectAllAgree();
  // All acknowledged deliveries, and those in flight when it died.
  expect(accepted + duplicates).toBeGreaterThanOrEqual(lines.length * 20);
  expect(accepted + duplicates).toBeLessThan(2_000);
  expect(pending).toBe(accepted);
  expect(duplicates).toBeGreaterThan(0);

  // The sender got no acknowledgment and sends all again.
  const { ended } = start('enqueue');
  await ended;
  const again = await expectAllAgree();
  expect(again.accepted).toBe(1_715);
  expect(again.accepted + again.duplicates).toBe(accepted + duplicates + 2_000);
});

test('each delivery ends once although its worker is killed twice', { timeout: TIMEOUT }, async () => {
  const { ended } = start('enqueue');
  await ended;
  for (let kill = 0; kill < 2; kill++) {
    const lines = await killAfter('deliver', 300);
    const { delivered, dead, pending } = await expectAllAgree();
    expect(delivered + dead).toBeGreaterThanOrEqual(lines.length);
    expect(pending).toBeGreaterThan(0);
  }
  const { child, ended: last } = start('deliver');
  await vi.waitUntil(async () => (await reader.readLedger()).stored.pending === 0, {
    timeout: TIMEOUT,
    interval: 50,
  });
  child.kill('SIGKILL');
  await last;
  // Stalled deliveries are retried and counted once. Those that stalled twice are dead, so the shares vary.
  const { accepted, delivered, dead, stored } = await expectAllAgree();
  expect({ accepted, ended: delivered + dead, stored }).toEqual({
    accepted: 1_715,
    ended: 1_715,
    stored: { pending: 0, dead },
  });
  expect(dead).toBeGreaterThan(100);
});

test('counters match the queue after a kill of Redis while deliveries are enqueued and delivered', {
  timeout: TIMEOUT,
}, async () => {
  const enqueueing = start('enqueue');
  const delivering = start('deliver');
  await Promise.all([enqueueing.printed(20), delivering.printed(100)]);
  server.signal('SIGKILL');
  await server.exited;
  enqueueing.child.kill('SIGKILL');
  delivering.child.kill('SIGKILL');
  await Promise.all([enqueueing.ended, delivering.ended]);
  await server.restart();
  await vi.waitUntil(() => reader.readLedger().then(Boolean, () => false), { timeout: 20_000, interval: 20 });
  const { accepted, delivered, dead } = await expectAllAgree();
  expect(accepted).toBeGreaterThan(300);
  expect(delivered + dead).toBeGreaterThanOrEqual(100);
});
