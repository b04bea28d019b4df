import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConsoleRig, PREFIX } from '../test-support/console-rig.ts';

let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
  const body = JSON.stringify({ note: 'canary', padding: 'canary '.repeat(400) });
  await rig.kill('acme', 1, {}, { body, headers: { 'x-canary': 'canary' } });
  await rig.enqueue('other', 2, { body: '{"note":"canary"}' });
});

afterAll(() => rig.close());

test.each(['/queues', '/queues/api/queues', '/queues/static/favicon-32x32.png'])(
  'requires the role operator for %s',
  async (path) => {
    expect((await rig.get(path, { as: undefined })).status).toBe(401);
    expect((await rig.get(path, { as: 'viewer' })).status).toBe(403);
    expect((await rig.get(path)).status).toBe(200);
  },
);

test('shows the queue of each shard without bodies and headers', async () => {
  const { status, text, body } = await rig.get(
    '/queues/api/queues?activeQueue=%7Bconsole%7D%20deliveries&status=failed',
  );
  expect(status).toBe(200);
  expect(body).toMatchObject({ queues: [{ name: `${PREFIX} deliveries`, readOnlyMode: true }] });
  expect(text).toContain('orders/create');
  expect(text).not.toContain('canary');
  const waiting = await rig.get('/queues/api/queues?activeQueue=%7Bconsole%7D%20deliveries&status=waiting');
  expect(waiting.text).toContain('"connection":"other"');
  expect(waiting.text).not.toContain('canary');
});

test('rejects every change', async () => {
  const before = await rig.get('/queues/api/queues');
  for (const path of ['pause', 'empty', 'obliterate', 'clean/failed', 'retry/failed', 'promote']) {
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH']) {
      const url = `/queues/api/queues/%7Bconsole%7D%20deliveries/${path}`;
      expect((await rig.send(url, { method })).status, `${method} ${path}`).toBe(403);
    }
  }
  expect((await rig.get('/queues/api/queues')).body).toEqual(before.body);
});

test('runs only its own files, and writes an audit entry for each visit', async () => {
  const { headers, text } = await rig.get('/queues');
  expect(text).toContain('Sluice raw queue');
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'; script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  const { body } = await rig.get('/api/audit');
  expect(body).toMatchObject({
    lines: expect.arrayContaining([expect.objectContaining({ action: 'raw-queue', who: 'olga' })]),
  });
});
