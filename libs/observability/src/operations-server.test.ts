import type { Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { listen } from './listen.ts';
import { Counter, createMetricsRegistry } from './metrics.ts';
import { createOperationsServer, type Health } from './operations-server.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(health: { alive: Health; ready: Health }): Promise<string> {
  const registry = createMetricsRegistry();
  new Counter({ name: 'sluice_things_total', help: 'Things', registers: [registry] }).inc(3);
  const server = createOperationsServer({ registry, alive: () => health.alive, ready: () => health.ready });
  servers.push(server);
  return listen(server, { host: '127.0.0.1', port: 0, variable: 'SOME_PORT' });
}

test('tells health with its reason, and metrics as Prometheus reads them', async () => {
  const url = await serve({ alive: { ok: true }, ready: { ok: false, why: 'Redis is not reachable' } });
  const alive = await fetch(`${url}/healthz`);
  expect([alive.status, await alive.json()]).toEqual([200, { ok: true }]);
  const ready = await fetch(`${url}/readyz`);
  expect([ready.status, await ready.json()]).toEqual([503, { ok: false, why: 'Redis is not reachable' }]);
  const metrics = await fetch(`${url}/metrics`);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
  const text = await metrics.text();
  expect(text).toContain('sluice_things_total 3');
  expect(text).toContain('process_resident_memory_bytes');
});

test('a busy port is told in a line, with the variable that sets it', async () => {
  const url = await serve({ alive: { ok: true }, ready: { ok: true } });
  const port = Number(new URL(url).port);
  const second = createOperationsServer({ registry: createMetricsRegistry(), alive: () => ({ ok: true }) });
  await expect(listen(second, { host: '127.0.0.1', port, variable: 'SOME_PORT' })).rejects.toThrow(
    `port ${port} is busy: another program listens on 127.0.0.1:${port}; stop it or set SOME_PORT`,
  );
});
