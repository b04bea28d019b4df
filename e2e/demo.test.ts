import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@sluice/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { orders } from './shopify-orders.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const UP = 'Commands for another terminal';

let folder: string;
let env: Record<string, string>;
let demo: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-demo-'));
  const [redis, sandbox, ingest, ingestMetrics, workerMetrics, operators] = await Promise.all(
    Array.from({ length: 6 }, freePort),
  );
  env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    SLUICE_DATA: join(folder, 'data'),
    SLUICE_REDIS_PORT: String(redis),
    SLUICE_SANDBOX_PORT: String(sandbox),
    SLUICE_INGEST_PORT: String(ingest),
    SLUICE_INGEST_METRICS_PORT: String(ingestMetrics),
    SLUICE_WORKER_METRICS_PORT: String(workerMetrics),
    SLUICE_CONSOLE_PORT: String(operators),
  };
});

afterEach(async () => {
  if (demo && demo.exitCode === null) {
    demo.kill('SIGTERM');
    await once(demo, 'close');
  }
  await rm(folder, { recursive: true, force: true });
});

/** Starts the program of `npm start`. */
function start(): { output: () => string; up: () => Promise<void>; ended: Promise<number | null> } {
  const child = spawn(
    process.execPath,
    ['--conditions=@sluice/source', '--import', 'tsx', 'apps/demo/src/main.ts'],
    {
      cwd: ROOT,
      env,
    },
  );
  demo = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => output,
    ended,
    up: async () => {
      await Promise.race([
        vi.waitUntil(() => output.includes(UP), { timeout: 60_000, interval: 10 }),
        ended.then(() => Promise.reject(new Error(output))),
      ]);
    },
  };
}

/** Returns the ports of the demo that are in use. */
async function listening(): Promise<string[]> {
  const ports = Object.entries(env).filter(([name]) => name.endsWith('_PORT'));
  const busy = await Promise.all(
    ports.map(async ([name, port]) => {
      const server = createServer().listen(Number(port), '127.0.0.1');
      // `once` rejects when the server emits an error first.
      const free = await once(server, 'listening').then(
        () => true,
        () => false,
      );
      server.close();
      return free ? [] : [name];
    }),
  );
  return busy.flat();
}

test('shows the path of one order, stops all processes, and finds its data on the next start', async () => {
  const [order] = orders(1);
  const post = () =>
    fetch(`http://127.0.0.1:${env.SLUICE_INGEST_PORT}/webhooks/demo-shopify`, { method: 'POST', ...order });

  const first = start();
  await first.up();
  expect(first.output()).toMatch(/accepted +dlv_\S+ from demo-shopify/);
  expect(first.output()).toMatch(/mapped +orders\/create → newOrderCreated/);
  expect(first.output()).toMatch(/created +evt_\S+ for dlv_/);
  expect(first.output()).not.toContain('earlier data');
  expect(await (await post()).json()).toMatchObject({ result: 'accepted' });
  demo?.kill('SIGINT');
  expect(await first.ended).toBe(0);
  expect(await listening()).toEqual([]);

  const second = start();
  await second.up();
  expect(second.output()).toContain('Continuing with earlier data: 2 events');
  expect(await (await post()).json()).toMatchObject({ result: 'duplicate' });
  demo?.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(await listening()).toEqual([]);
});

describe('reports an error and its remedy in one line, and stops all processes:', () => {
  let occupant: Server | undefined;
  afterEach(() => occupant?.close());

  test.each([
    ['SLUICE_REDIS_PORT', 'redis: Port'],
    ['SLUICE_SANDBOX_PORT', 'sandbox: Port'],
    ['SLUICE_WORKER_METRICS_PORT', 'worker: Port'],
    ['SLUICE_INGEST_PORT', 'ingest: Port'],
    ['SLUICE_CONSOLE_PORT', 'console: Port'],
  ])('a busy port: %s', async (variable, beginning) => {
    occupant = createServer().listen(Number(env[variable]), '127.0.0.1');
    await once(occupant, 'listening');
    const { output, ended } = start();
    expect(await ended).toBe(1);
    const complaint = output()
      .split('\n')
      .filter((line) => /is in use/.test(line));
    expect(complaint).toEqual([
      expect.stringMatching(
        new RegExp(`^${beginning} ${env[variable]} (on 127\\.0\\.0\\.1 )?is in use\\. .*${variable}`),
      ),
    ]);
    expect(await listening()).toEqual([variable]);
  });

  test('a broken connections file', async () => {
    env.SLUICE_CONNECTIONS = join(folder, 'broken.yaml');
    await writeFile(env.SLUICE_CONNECTIONS, 'connections:\n  - id: shop\n    source: shopfy\n');
    const { output, ended } = start();
    expect(await ended).toBe(1);
    expect(output()).toMatch(/broken\.yaml:3:13: .*shopfy.*Did you mean "?shopify/);
    expect(await listening()).toEqual([]);
  });

  test('an invalid number', async () => {
    env.SLUICE_REDIS_PORT = 'six';
    const { output, ended } = start();
    expect(await ended).toBe(1);
    expect(output()).toContain('SLUICE_REDIS_PORT is not a whole number in plain digits: "six"');
  });
});
