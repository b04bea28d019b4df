import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@sluice/observability';
import { expect, test, vi } from 'vitest';
import { createIngestServer } from './create-ingest-server.ts';

const well = () => ({ ok: true }) as const;

test.each([
  ['past Express', '/webhooks/acme'],
  ['past Express, with a query', '/webhooks/acme?x=1'],
  ['through Express, where it is escaped', '/webhooks/acm%65'],
])('what no step foresaw is answered with 503, to be sent again: %s', async (_, path) => {
  const logger = createLogger('ingest', { level: 'silent', pretty: 'false' });
  const logged = vi.spyOn(logger, 'error');
  const server = createIngestServer({
    handling: () => {
      throw new TypeError('a secret');
    },
    health: { alive: well, ready: well, started: well },
    logger,
    headersTimeout: 5_000,
    requestTimeout: 5_000,
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: '{}' });
  expect([answer.status, await answer.json()]).toEqual([503, { error: 'unavailable' }]);
  expect(logged).toHaveBeenCalledWith(
    { error: 'TypeError', at: expect.stringContaining('create-ingest-server.test.ts') },
    'webhook.failed',
  );
  expect(JSON.stringify(logged.mock.calls)).not.toContain('a secret');
  server.close();
});
