import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ConsoleRig } from '../test-support/console-rig.ts';

const INDEX = '<!doctype html><script type="module" src="/assets/main-abc123.js"></script>';

let folder: string;
let rig: ConsoleRig;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-page-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), INDEX);
  await writeFile(join(folder, 'secret.txt'), 'beside the assets');
  await writeFile(join(folder, 'assets', 'main-abc123.js'), 'export {};');
  rig = await ConsoleRig.open({ startRedis, makeDelivery }, { page: folder });
});

afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true, force: true });
});

const anonymous = { as: undefined };

describe('the page', () => {
  test.each(['/', '/dead-letters?reason=rejected', '/deliveries/dlv_1', '/apiary', '/index.html'])(
    'is served at %s without authentication, also for links from other sites',
    async (path) => {
      const answer = await rig.get(path, { as: undefined, headers: { 'sec-fetch-site': 'cross-site' } });
      expect(answer).toMatchObject({ status: 200, text: INDEX });
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('etag')).toBeNull();
    },
  );

  test('runs only its own scripts and cannot be framed', async () => {
    const { headers } = await rig.get('/', anonymous);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('permissions-policy')).toContain('camera=()');
  });

  test('rejects other methods than GET and HEAD', async () => {
    expect((await rig.post('/', {})).status).toBe(404);
    expect((await rig.send('/', { method: 'HEAD' }, anonymous)).status).toBe(200);
  });
});

describe('the assets of the page', () => {
  test('are cached for one year', async () => {
    const answer = await rig.get('/assets/main-abc123.js', anonymous);
    expect(answer).toMatchObject({ status: 200, text: 'export {};' });
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each(['/assets/main-old.js', '/assets/', '/assets', '/assets/..%2fsecret.txt'])(
    'do not include %s',
    async (path) => {
      const answer = await rig.get(path, anonymous);
      expect(answer.text).not.toContain('beside the assets');
      expect(answer.text).not.toContain('<!doctype');
      expect(answer.status).toBe(404);
    },
  );
});

test.each(['/api/none', '/api', '/metrics', '/queues'])('the page is not served at %s', async (path) => {
  const answer = await rig.get(path, anonymous);
  expect(answer.text).not.toContain('<!doctype');
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
});

test('explains how to build a missing page', async () => {
  const without = await ConsoleRig.open({ startRedis, makeDelivery }, { server: rig.server });
  const answer = await without.get('/', anonymous);
  await without.close();
  expect(answer).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('npm run build -w apps/console') },
  });
  expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
});
