import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { openPoster } from './post-webhook.ts';

test('an answer that does not come is a timeout', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/a`);
  const poster = openPoster(url, 1, 20);
  expect(await poster.post({ headers: {}, body: '' })).toEqual({ ok: false, code: 'ETIMEDOUT' });
  poster.close();
  server.close();
});
