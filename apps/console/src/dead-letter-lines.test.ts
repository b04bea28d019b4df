import { get, type IncomingMessage, request } from 'node:http';
import { makeDelivery, startRedis } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { ConsoleRig, PREFIX, TOKENS } from './test-support/console-rig.ts';

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
  /** 38 MB of all: more than a page of 100 and what sockets hold. */
  const body = JSON.stringify({ id: 1, pad: 'x'.repeat(64 * 1024) });
  const ALL = LETTERS * body.length;

  /** Bytes that Redis has sent so far. */
  const sent = async () =>
    Number(/total_net_output_bytes:(\d+)/.exec(await rig.redis.info('stats'))?.[1] ?? Number.NaN);

  /** The answer, of which nothing is read yet, when Redis is not asked for more of it. */
  async function stalled(): Promise<{ answer: IncomingMessage; read: number }> {
    const before = await sent();
    const url = `${rig.console.url}/api/dead-letters/export?bodies=exact&note=slow`;
    const answer = await new Promise<IncomingMessage>((resolve) => {
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
    return { answer, read: last - before };
  }

  async function linesOf(answer: IncomingMessage): Promise<number> {
    let lines = 0;
    for await (const chunk of answer) lines += String(chunk).split('\n').length - 1;
    return lines;
  }

  test('waits for a slow reader, who gets all of it', async () => {
    await rig.kill('acme', LETTERS, {}, { body });
    const { answer, read } = await stalled();
    expect(read).toBeLessThan(ALL / 2);
    expect(await linesOf(answer)).toBe(LETTERS);
    expect(answer.complete).toBe(true);
  }, 40_000);

  test('ends when its reader goes, which is no failure', async () => {
    const failed = vi.spyOn(rig.logger, 'error');
    const told = vi.spyOn(rig.logger, 'info');
    await rig.kill('acme', LETTERS, {}, { body });
    const { answer } = await stalled();
    const before = await sent();
    answer.destroy();
    await vi.waitFor(() => {
      expect(told.mock.calls.map(([line]) => line)).toContainEqual(
        expect.objectContaining({ route: '/api/dead-letters/export', cut: true }),
      );
    }, SOON);
    expect(await rig.get('/api/dead-letters?limit=1')).toMatchObject({ status: 200 });
    expect((await sent()) - before).toBeLessThan(ALL / 4);
    expect(failed).not.toHaveBeenCalled();
  }, 40_000);

  test('that fails in the midst is seen to be cut, and told once without a word of what it had', async () => {
    const failed = vi.spyOn(rig.logger, 'error');
    await rig.kill('acme', LETTERS, {}, { body });
    const { answer } = await stalled();
    await rig.redis.rename(FAILED, 'elsewhere');
    await rig.redis.set(FAILED, 'no set');
    await expect(linesOf(answer)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(answer.complete).toBe(false);
    expect(failed.mock.calls).toEqual([
      [{ route: '/api/dead-letters/export', error: 'ReplyError', place: expect.any(String) }, 'console.cut'],
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

  test('is told what is wrong with a line that is not UTF-8, while it still sends', async () => {
    const [line = ''] = await exported(1);
    const bytes = Buffer.concat([Buffer.from(`${line}\n{"v":"`), Buffer.from([0xff]), Buffer.from('"}\n')]);
    const rest = Buffer.alloc(8 * 1024 * 1024, '{}\n');
    const { status, body } = await post(new Uint8Array(Buffer.concat([bytes, rest])));
    expect([status, body]).toMatchObject([400, { detail: 'line 2 is not UTF-8' }]);
    expect([await rig.redis.zcard(FAILED), await actions()]).toEqual([1, ['imported', 'import']]);
  });

  test('is told that a line is too long, while it still sends', async () => {
    const { status, body } = await post('x'.repeat(24 * 1024 * 1024));
    expect([status, body]).toMatchObject([413, { detail: expect.stringContaining('line 1 ') }]);
  });

  test('numbers lines as an editor does', async () => {
    const { body } = await post('\n\n{"v":2}\n');
    expect(body).toMatchObject({ refusals: expect.arrayContaining([expect.objectContaining({ line: 3 })]) });
  });

  test('that is cut keeps what came whole, and leaves its line', async () => {
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

test('a discard goes on when who asked for it has gone', async () => {
  await rig.kill('acme', 400);
  const body = JSON.stringify({ all: true, note: 'gone' });
  const asking = request(`${rig.console.url}/api/dead-letters/discard`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
  });
  asking.on('error', () => {});
  asking.end(body);
  await vi.waitFor(async () => expect(await rig.redis.zcard(FAILED)).toBeLessThan(400), {
    ...SOON,
    interval: 1,
  });
  asking.destroy();
  await vi.waitFor(async () => expect(await actions()).toEqual(['discard']), SOON);
  expect(await rig.redis.zcard(FAILED)).toBe(0);
});

test('no export without exact bodies names people, whatever they died of', async () => {
  const detail = {
    message: 'ada@okafor.example is no customer',
    issues: [{ path: 'email', message: 'got ada@okafor.example' }],
  };
  await rig.kill('acme', 1, { reason: 'invalid_event', detail });
  // No platform sends that; an import takes it.
  await rig.kill('acme', 1, {}, { body: '\uFEFF{"first_name":"Okafor"}' });
  const read = async (bodies: string, as: 'viewer' | 'operator') =>
    (await rig.get(`/api/dead-letters/export?bodies=${bodies}`, { as })).text;
  for (const bodies of ['none', 'masked']) {
    const text = await read(bodies, 'viewer');
    expect(text.trim().split('\n')).toHaveLength(2);
    expect(text).toContain('is no customer');
    expect(text).not.toMatch(/okafor/i);
  }
  expect(await read('exact', 'operator')).toMatch(/ada@okafor.*Okafor/s);
});
