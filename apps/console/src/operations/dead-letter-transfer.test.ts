import { get, type IncomingMessage, request } from 'node:http';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ConsoleRig, PREFIX, TOKENS } from '../test-support/console-rig.ts';

const FAILED = `${PREFIX}:deliveries:failed`;
const NDJSON = { 'content-type': 'application/x-ndjson' };
const SOON = { timeout: 10_000 };
const authorization = `Bearer ${TOKENS.operator}`;

let rig: ConsoleRig;

beforeAll(async () => {
  rig = await ConsoleRig.open({ startRedis, makeDelivery });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rig.clear();
});

afterAll(() => rig.close());

const actions = async () => {
  const { body } = await rig.get('/api/audit');
  return (body as { lines: { action: string }[] }).lines.map(({ action }) => action);
};

describe('an export', () => {
  const LETTERS = 600;
  /** 38 MB in total: more than a page of 100 and the buffers of the sockets. */
  const body = JSON.stringify({ id: 1, pad: 'x'.repeat(64 * 1024) });
  const ALL = LETTERS * body.length;

  /** Returns the bytes that Redis has sent so far. */
  const sent = async () =>
    Number(/total_net_output_bytes:(\d+)/.exec(await rig.redis.info('stats'))?.[1] ?? Number.NaN);

  /** Returns an unread response once the console has stopped reading from Redis. */
  async function stalled(): Promise<{ response: IncomingMessage; read: number }> {
    const before = await sent();
    const url = `${rig.console.url}/api/dead-letters/export?bodies=exact&note=slow`;
    const response = await new Promise<IncomingMessage>((resolve) => {
      get(url, { headers: { authorization } }, resolve);
    });
    let last = Number.NaN;
    const isQuiet = async () => {
      const now = await sent();
      const more = now - last;
      last = now;
      expect(more).toBeLessThan(50_000);
    };
    await vi.waitFor(isQuiet, { timeout: 10_000, interval: 300 });
    return { response, read: last - before };
  }

  async function linesOf(response: IncomingMessage): Promise<number> {
    let lines = 0;
    for await (const chunk of response) lines += String(chunk).split('\n').length - 1;
    return lines;
  }

  test('waits for a slow reader and sends everything', async () => {
    await rig.kill('acme', LETTERS, {}, { body });
    const { response, read } = await stalled();
    expect(read).toBeLessThan(ALL / 2);
    expect(await linesOf(response)).toBe(LETTERS);
    expect(response.complete).toBe(true);
  }, 40_000);

  test('ends without an error when its reader disconnects', async () => {
    const failed = vi.spyOn(rig.logger, 'error');
    const logged = vi.spyOn(rig.logger, 'info');
    await rig.kill('acme', LETTERS, {}, { body });
    const { response } = await stalled();
    const before = await sent();
    response.destroy();
    await vi.waitFor(() => {
      expect(logged.mock.calls.map(([line]) => line)).toContainEqual(
        expect.objectContaining({ route: '/api/dead-letters/export', cut: true }),
      );
    }, SOON);
    expect(await rig.get('/api/dead-letters?limit=1')).toMatchObject({ status: 200 });
    expect((await sent()) - before).toBeLessThan(ALL / 4);
    expect(failed).not.toHaveBeenCalled();
  }, 40_000);

  test('that fails midway closes the connection, and is logged once without content', async () => {
    const failed = vi.spyOn(rig.logger, 'error');
    await rig.kill('acme', LETTERS, {}, { body });
    const { response } = await stalled();
    await rig.redis.rename(FAILED, 'elsewhere');
    await rig.redis.set(FAILED, 'not a set');
    await expect(linesOf(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(response.complete).toBe(false);
    expect(failed.mock.calls).toEqual([
      [
        { route: '/api/dead-letters/export', error: 'ReplyError', at: expect.any(String) },
        'response.aborted',
      ],
    ]);
  }, 40_000);
});

describe('an import', () => {
  const post = (body: string | Uint8Array<ArrayBuffer>) =>
    rig.send('/api/dead-letters/import', { method: 'POST', body }, { headers: NDJSON });

  async function exported(count: number): Promise<string[]> {
    await rig.kill('acme', count);
    const { text } = await rig.get('/api/dead-letters/export?bodies=exact');
    await rig.redis.flushall();
    return text.trim().split('\n');
  }

  test('gets a 400 for a line that is not UTF-8 while it still sends', async () => {
    const [line = ''] = await exported(1);
    const bytes = Buffer.concat([Buffer.from(`${line}\n{"v":"`), Buffer.from([0xff]), Buffer.from('"}\n')]);
    const rest = Buffer.alloc(8 * 1024 * 1024, '{}\n');
    const { status, body } = await post(new Uint8Array(Buffer.concat([bytes, rest])));
    expect([status, body]).toMatchObject([400, { detail: 'Line 2 is not valid UTF-8.' }]);
    expect([await rig.redis.zcard(FAILED), await actions()]).toEqual([1, ['imported', 'import']]);
  });

  test('gets a 413 for a line above the limit while it still sends', async () => {
    const { status, body } = await post('x'.repeat(44 * 1024 * 1024));
    expect([status, body]).toMatchObject([413, { detail: expect.stringContaining('Line 1 ') }]);
  });

  test('numbers lines from 1, including empty ones', async () => {
    const { body } = await post('\n\n{"v":2}\n');
    expect(body).toMatchObject({ refusals: expect.arrayContaining([expect.objectContaining({ line: 3 })]) });
  });

  test('that is interrupted keeps the complete lines, and writes an audit entry', async () => {
    const failed = vi.spyOn(rig.logger, 'error');
    const lines = await exported(150);
    const sending = request(`${rig.console.url}/api/dead-letters/import?note=cut`, {
      method: 'POST',
      headers: { ...NDJSON, authorization },
    });
    sending.on('error', () => {});
    sending.write(`${lines.join('\n')}\n{"v":1,"id":`);
    await vi.waitFor(async () => expect(await rig.redis.zcard(FAILED)).toBeGreaterThanOrEqual(100), SOON);
    sending.destroy();
    await vi.waitFor(async () => expect(await actions()).toEqual(['imported', 'import']), SOON);
    expect(await rig.redis.zcard(FAILED)).toBe(150);
    expect(failed).not.toHaveBeenCalled();
  });
});

test('a discard continues after its client has disconnected', async () => {
  await rig.kill('acme', 400);
  const body = JSON.stringify({ all: true, note: 'disconnected' });
  const discarding = request(`${rig.console.url}/api/dead-letters/discard`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
  });
  discarding.on('error', () => {});
  discarding.end(body);
  await vi.waitFor(async () => expect(await rig.redis.zcard(FAILED)).toBeLessThan(400), {
    ...SOON,
    interval: 1,
  });
  discarding.destroy();
  await vi.waitFor(async () => expect(await actions()).toEqual(['discard']), SOON);
  expect(await rig.redis.zcard(FAILED)).toBe(0);
});

test('an export without exact bodies contains no personal data, for any failure', async () => {
  const detail = {
    message: 'ada@okafor.example is not a customer',
    issues: [{ path: 'email', message: 'got ada@okafor.example' }],
  };
  await rig.kill('acme', 1, { reason: 'invalid_event', detail });
  // Platforms do not send this body, but an import accepts it.
  await rig.kill('acme', 1, {}, { body: '\uFEFF{"first_name":"Okafor"}' });
  const read = async (bodies: string, as: 'viewer' | 'operator') =>
    (await rig.get(`/api/dead-letters/export?bodies=${bodies}`, { as })).text;
  for (const bodies of ['none', 'masked']) {
    const text = await read(bodies, 'viewer');
    expect(text.trim().split('\n')).toHaveLength(2);
    expect(text).toContain('is not a customer');
    expect(text).not.toMatch(/okafor/i);
  }
  expect(await read('exact', 'operator')).toMatch(/ada@okafor.*Okafor/s);
});
