import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { readConsoleSettings } from '@sluice/config';
import { createLogger, type Logger } from '@sluice/observability';
import {
  createOperatorScheduler,
  createQueueReader,
  createQueueStats,
  createReplays,
  openScheduler,
  openShards,
  type Shards,
} from '@sluice/queue';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ConsoleRig, PREFIX } from '../test-support/console-rig.ts';
import { type Notifications, startNotifications } from './start-notifications.ts';

const PATH = '/services/T0/B0/canary-of-the-address';
const MINUTE = 60_000;
const SOON = { timeout: 10_000, interval: 5 };

interface Received {
  readonly url: string;
  readonly body: Record<string, unknown>;
}

let rig: ConsoleRig;
let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let received: Received[] = [];
let clock = Date.now();
const lines: unknown[] = [];

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
  server = createServer(async (request, response) => {
    const body = JSON.parse((await text(request)) || '{}') as Record<string, unknown>;
    received.push({ url: request.url ?? '', body });
    answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await rig.clear();
  received = [];
  lines.length = 0;
});

afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rig.close();
});

const addressOf = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}`;

/** A logger that keeps what it is told. */
function keepingLogger(): Logger {
  const logger = createLogger('console', { level: 'silent', pretty: 'false' });
  for (const level of ['info', 'warn', 'error'] as const) {
    vi.spyOn(logger, level).mockImplementation((...args: unknown[]) => void lines.push([level, ...args]));
  }
  return logger;
}

/**
 * Starts a worker and waits until Redis lists it: a look before that finds no worker, and two such looks are an alert.
 *
 * @returns a function that stops the worker
 */
async function startWorker(): Promise<() => Promise<void>> {
  const stop = rig.work();
  const figures = createQueueStats(openTestShards());
  await vi.waitUntil(() => figures.hasWorkers(), SOON);
  return stop;
}

function openTestShards(): Shards {
  const shards = openShards({ url: rig.server.url, prefix: PREFIX, name: 'test', onError: () => {} });
  opened.push(shards);
  return shards;
}

/** Looks at the rig's queue when it is told to, a minute later each time. */
async function start(env: Record<string, string> = {}): Promise<() => Promise<void>> {
  answer = (_request, response) => void response.end('ok');
  const shards = openTestShards();
  const sources = {
    gate: createOperatorScheduler(shards),
    replays: createReplays(shards),
    queue: createQueueReader(shards),
    figures: createQueueStats(shards),
  };
  const { notifications: settings } = readConsoleSettings({ SLUICE_NOTIFY_URL: addressOf(), ...env });
  const notifications: Notifications = startNotifications({
    settings,
    sources,
    logger: keepingLogger(),
    now: () => clock,
    every: 1_000 * MINUTE,
  });
  opened.push(notifications);
  // A look before Redis has been reached counts as one without Redis.
  await shards.reached;
  return async () => {
    clock += MINUTE;
    await notifications.look();
  };
}

test('without a worker, it is told to Slack after two looks, and that it is over', async () => {
  const look = await start();
  await look();
  expect(received).toEqual([]);
  await look();
  expect(received).toEqual([
    {
      url: PATH,
      body: {
        text: ':red_circle: no worker is connected. Webhooks are stored, and nothing is delivered.',
      },
    },
  ]);
  await startWorker();
  await look();
  await look();
  expect(received.map(({ body }) => body.text)).toEqual([
    expect.stringContaining('no worker'),
    ':large_green_circle: no worker is connected (over)',
  ]);
});

test('dead letters, as JSON, and nothing of what they carry', async () => {
  const look = await start({ SLUICE_NOTIFY_FORMAT: 'json', SLUICE_NOTIFY_DEAD: '3' });
  const stop = await startWorker();
  await look();
  await stop();
  const outcome = { detail: { message: 'canary-of-the-payload' } };
  await rig.kill('acme', 3, outcome, { body: '{"email":"canary-of-the-payload@example.com"}' });
  await look();
  expect(received.map(({ body }) => body)).toEqual([
    {
      source: 'sluice',
      alerts: [
        {
          state: 'firing',
          key: 'dead-letters',
          title: 'dead letters are rising',
          detail: '3 more in ten minutes. What went wrong: sluice dead-letters groups',
          since: new Date(clock).toISOString(),
        },
      ],
    },
  ]);
  expect(JSON.stringify(received)).not.toContain('canary-of-the-payload');
});

test('an address that fails, redirects or hangs is told in the log without itself, and told again', async () => {
  const look = await start();
  let followed = false;
  await look();
  answer = (request, response) => {
    followed ||= request.url === '/elsewhere';
    response.writeHead(302, { location: '/elsewhere' }).end();
  };
  await look();
  answer = (_request, response) => void response.writeHead(500).end(PATH);
  await look();
  answer = (request) => void request.socket.resetAndDestroy();
  await look();
  answer = (_request, response) => void response.end('ok');
  await look();
  expect(followed).toBe(false);
  expect(lines).toEqual([
    ['warn', expect.objectContaining({ error: 'answered with 302' }), 'notification.failed'],
    ['warn', expect.objectContaining({ error: 'answered with 500' }), 'notification.failed'],
    ['warn', expect.objectContaining({ error: 'ECONNRESET' }), 'notification.failed'],
    ['info', { begun: 1, lasting: 0, over: 0 }, 'notification.sent'],
  ]);
  expect(JSON.stringify(lines)).not.toContain('canary-of-the-address');
  expect(received).toHaveLength(4);
});

test('a held connection, whose reason is in words of others, which can call nobody', async () => {
  const look = await start();
  await startWorker();
  const gate = openScheduler({
    redisUrl: rig.server.url,
    prefix: PREFIX,
    probeAfter: MINUTE,
    lockDuration: MINUTE,
    onError: () => {},
  });
  opened.push(gate);
  await gate.recordFailure('acme', { kind: 'bot', reason: '401 <!channel> & all', limit: 1 });
  await look();
  expect(received.map(({ body }) => body.text)).toEqual([
    expect.stringContaining(':red_circle: connection acme is held: 401 &lt;!channel&gt; &amp; all. '),
  ]);
});
