import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningPipeline, startPipeline } from '@sluice/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orders } from './shopify-orders.ts';

/** At 600 a minute: 30 at once, then 9.5 a second. */
const EVENTS = 120;

let folder: string;
let api: Server;
let pipeline: RunningPipeline;
const createdAt: number[] = [];
let onLast: () => void;
const allCreated = new Promise<void>((resolve) => {
  onLast = resolve;
});

beforeAll(async () => {
  // Botpress' documented example of the header, whose window it does not state.
  api = createServer((request, response) => {
    request.resume().once('end', () => {
      createdAt.push(performance.now());
      const headers = { 'ratelimit-limit': '100', 'ratelimit-remaining': '99', 'ratelimit-reset': '1' };
      response.writeHead(201, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify({ event: { id: `evt_${createdAt.length}`, type: 'newOrderCreated' } }));
      if (createdAt.length === EVENTS) onLast();
    });
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'sluice-rates-'));
  const path = join(folder, 'connections.yaml');
  // The demo connections with the default limit.
  await writeFile(path, await readFile(join(import.meta.dirname, '../config/connections.demo.yaml'), 'utf8'));
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  pipeline = await startPipeline({ env: { SLUICE_CONNECTIONS: path, BOTPRESS_API_URL: apiUrl } });
});

afterAll(async () => {
  await pipeline.stop();
  api.close();
  api.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});

test('a limit of 100 in every 201 does not change the rate of a bot', async () => {
  for (const order of orders(EVENTS)) {
    expect((await fetch(pipeline.webhookUrl(), { method: 'POST', ...order })).status).toBe(200);
  }
  await allCreated;
  const seconds = ((createdAt.at(-1) ?? 0) - (createdAt[0] ?? 0)) / 1_000;
  process.stdout.write(`${EVENTS} events in ${seconds.toFixed(1)} s\n`);
  const redis = new Redis(pipeline.redis.url);
  const bots = (await redis.keys('*gate:bot:*')).filter((key) => !key.endsWith('lane'));
  const changes = await Promise.all(bots.map((key) => redis.hmget(key, 'told', 'cut', 'pause'))); // allow-word: stored name
  redis.disconnect();
  expect(changes).toEqual([[null, null, null]]);
  expect(createdAt).toHaveLength(EVENTS);
}, 120_000);
