import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { readConsoleSettings } from '@sluice/config';
import { createLogger, type Logger } from '@sluice/observability';
import {
  createOperatorScheduler,
  createQueueStats,
  createReplays,
  openScheduler,
  openShards,
  type Shards,
} from '@sluice/queue';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { ConsoleRig, PREFIX } from '../test-support/console-rig.ts';
import { type Notifier, startNotifier } from './notifier.ts';

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

/** Returns a logger that records its lines. */
function recordingLogger(): Logger {
  const logger = createLogger('console', { level: 'silent', pretty: 'false' });
  for (const level of ['info', 'warn', 'error'] as const) {
    vi.spyOn(logger, level).mockImplementation((...args: unknown[]) => void lines.push([level, ...args]));
  }
  return logger;
}

/**
 * Starts a worker and waits until Redis lists it: two checks before that are an alert.
 *
 * @returns a function that stops the worker
 */
async function startWorker(): Promise<() => Promise<void>> {
  const stop = rig.work();
  const stats = createQueueStats(openTestShards());
  await vi.waitUntil(() => stats.hasWorkers(), SOON);
  return stop;
}

function openTestShards(): Shards {
  const shards = openShards({ url: rig.server.url, prefix: PREFIX, name: 'test', onError: () => {} });
  opened.push(shards);
  return shards;
}

/** Returns a function that checks the queue of the rig, one minute later each time. */
async function start(env: Record<string, string> = {}): Promise<() => Promise<void>> {
  answer = (_request, response) => void response.end('ok');
  const shards = openTestShards();
  const sources = {
    scheduler: createOperatorScheduler(shards),
    replays: createReplays(shards),
    stats: createQueueStats(shards),
  };
  const { notifications: settings } = readConsoleSettings({ SLUICE_NOTIFY_URL: addressOf(), ...env });
  const notifier: Notifier = startNotifier({
    settings,
    sources,
    logger: recordingLogger(),
    now: () => clock,
    interval: 1_000 * MINUTE,
  });
  opened.push(notifier);
  // A check before Redis has been reached counts as one without Redis.
  await shards.reached;
  return async () => {
    clock += MINUTE;
    await notifier.check();
  };
}

test('notifies Slack after two checks without a worker, and when there is one again', async () => {
  const check = await start();
  await check();
  expect(received).toEqual([]);
  await check();
  expect(received).toEqual([
    {
      url: PATH,
      body: {
        text: ':red_circle: No worker is connected. Webhooks are stored but not delivered.',
      },
    },
  ]);
  await startWorker();
  await check();
  await check();
  expect(received.map(({ body }) => body.text)).toEqual([
    expect.stringContaining('No worker'),
    ':large_green_circle: Resolved: No worker is connected',
  ]);
});

test('notifies of dead letters as JSON, without their content', async () => {
  const check = await start({ SLUICE_NOTIFY_FORMAT: 'json', SLUICE_NOTIFY_DEAD: '3' });
  const stop = await startWorker();
  await check();
  await stop();
  const outcome = { detail: { message: 'canary-of-the-payload' } };
  await rig.kill('acme', 3, outcome, { body: '{"email":"canary-of-the-payload@example.com"}' });
  await check();
  expect(received.map(({ body }) => body)).toEqual([
    {
      source: 'sluice',
      alerts: [
        {
          state: 'firing',
          key: 'dead-letters',
          title: 'Dead letters are increasing',
          detail: '3 more within ten minutes. List their causes: sluice dead-letters groups',
          since: new Date(clock).toISOString(),
        },
      ],
    },
  ]);
  expect(JSON.stringify(received)).not.toContain('canary-of-the-payload');
});

test('logs a URL that fails, redirects or resets without the URL, and sends the alert again', async () => {
  const check = await start();
  let followed = false;
  await check();
  answer = (request, response) => {
    followed ||= request.url === '/elsewhere';
    response.writeHead(302, { location: '/elsewhere' }).end();
  };
  await check();
  answer = (_request, response) => void response.writeHead(500).end(PATH);
  await check();
  answer = (request) => void request.socket.resetAndDestroy();
  await check();
  answer = (_request, response) => void response.end('ok');
  await check();
  expect(followed).toBe(false);
  expect(lines).toEqual([
    ['warn', expect.objectContaining({ error: 'HTTP 302' }), 'notification.failed'],
    ['warn', expect.objectContaining({ error: 'HTTP 500' }), 'notification.failed'],
    ['warn', expect.objectContaining({ error: 'ECONNRESET' }), 'notification.failed'],
    ['info', { firing: 1, lasting: 0, resolved: 0 }, 'notification.sent'],
  ]);
  expect(JSON.stringify(lines)).not.toContain('canary-of-the-address');
  expect(received).toHaveLength(4);
});

test('escapes the reason of an open circuit, so that it mentions no one in Slack', async () => {
  const check = await start();
  await startWorker();
  const scheduler = openScheduler({
    redisUrl: rig.server.url,
    prefix: PREFIX,
    probeAfter: MINUTE,
    lockDuration: MINUTE,
    onError: () => {},
  });
  opened.push(scheduler);
  await scheduler.recordFailure('acme', { kind: 'bot', reason: '401 <!channel> & all', limit: 1 });
  await check();
  expect(received.map(({ body }) => body.text)).toEqual([
    expect.stringContaining(
      ':red_circle: Circuit open for connection acme: 401 &lt;!channel&gt; &amp; all. ',
    ),
  ]);
});
