import type { Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { listen } from './lifecycle.ts';
import { createGauge, createMetricsRegistry } from './metrics.ts';
import type { Health, HealthChecks } from './operations-server.ts';
import { createOperationsServer } from './operations-server.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const healthy = (): Health => ({ ok: true });

async function serve(checks: Partial<HealthChecks> = {}): Promise<string> {
  const registry = createMetricsRegistry();
  createGauge(registry, 'sluice_worker_running').set(1);
  const server = createOperationsServer({
    registry,
    alive: healthy,
    ready: healthy,
    started: healthy,
    ...checks,
  });
  servers.push(server);
  return listen(server, { host: '127.0.0.1', port: 0, variable: 'SOME_PORT' });
}

test.each([
  ['/healthz', 'alive'],
  ['/readyz', 'ready'],
  ['/startedz', 'started'],
])('%s reports only whether the process is %s, with the reason if not', async (path, check) => {
  const get = async (url: string, route: string) => {
    const response = await fetch(`${url}${route}`);
    return [response.status, await response.json()];
  };
  const url = await serve({ [check]: () => ({ ok: false, why: 'some reason' }) });
  for (const each of ['/healthz', '/readyz', '/startedz']) {
    const expected = each === path ? [503, { ok: false, why: 'some reason' }] : [200, { ok: true }];
    expect(await get(url, each)).toEqual(expected);
  }
});

test('exposes metrics in the Prometheus text format', async () => {
  const metrics = await fetch(`${await serve()}/metrics`);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
  const text = await metrics.text();
  expect(text).toContain('sluice_worker_running 1');
  expect(text).toContain('process_resident_memory_bytes');
});

test('reports a busy port in one line that names the environment variable', async () => {
  const url = await serve();
  const port = Number(new URL(url).port);
  const registry = createMetricsRegistry();
  const second = createOperationsServer({ registry, alive: healthy, ready: healthy, started: healthy });
  await expect(listen(second, { host: '127.0.0.1', port, variable: 'SOME_PORT' })).rejects.toThrow(
    `Port ${port} on 127.0.0.1 is in use. Stop the other program or set SOME_PORT.`,
  );
});
