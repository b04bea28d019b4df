import type { Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { Health, HealthChecks } from './health.ts';
import { listen } from './listen.ts';
import { Counter, createMetricsRegistry } from './metrics.ts';
import { createOperationsServer } from './operations-server.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

const well = (): Health => ({ ok: true });

async function serve(checks: Partial<HealthChecks> = {}): Promise<string> {
  const registry = createMetricsRegistry();
  new Counter({ name: 'sluice_things_total', help: 'Things', registers: [registry] }).inc(3);
  const server = createOperationsServer({
    registry,
    alive: well,
    ready: well,
    started: well,
    ...checks,
  });
  servers.push(server);
  return listen(server, { host: '127.0.0.1', port: 0, variable: 'SOME_PORT' });
}

test.each([
  ['/healthz', 'alive'],
  ['/readyz', 'ready'],
  ['/startedz', 'started'],
])('%s tells whether it is %s, and if not why, and nothing else', async (path, check) => {
  const ask = async (url: string, asked: string) => {
    const answer = await fetch(`${url}${asked}`);
    return [answer.status, await answer.json()];
  };
  const url = await serve({ [check]: () => ({ ok: false, why: 'so it is' }) });
  for (const each of ['/healthz', '/readyz', '/startedz']) {
    const expected = each === path ? [503, { ok: false, why: 'so it is' }] : [200, { ok: true }];
    expect(await ask(url, each)).toEqual(expected);
  }
});

test('tells metrics as Prometheus reads them', async () => {
  const metrics = await fetch(`${await serve()}/metrics`);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
  const text = await metrics.text();
  expect(text).toContain('sluice_things_total 3');
  expect(text).toContain('process_resident_memory_bytes');
});

test('a busy port is told in a line, with the variable that sets it', async () => {
  const url = await serve();
  const port = Number(new URL(url).port);
  const registry = createMetricsRegistry();
  const second = createOperationsServer({ registry, alive: well, ready: well, started: well });
  await expect(listen(second, { host: '127.0.0.1', port, variable: 'SOME_PORT' })).rejects.toThrow(
    `port ${port} is busy: another program listens on 127.0.0.1:${port}; stop it or set SOME_PORT`,
  );
});
