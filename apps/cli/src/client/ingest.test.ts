import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { Clock } from '../context.ts';
import { openIngestClient, type PostResult, type SendPlan, sendWebhooks } from './ingest.ts';

test('reports a timeout without a response', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/a`);
  const client = openIngestClient(url, 1, 20);
  expect(await client.post({ headers: {}, body: '' })).toEqual({ ok: false, code: 'ETIMEDOUT' });
  client.close();
  server.close();
});

/** Returns a clock that advances only by its delays, which end in order. */
function fakeClock(): Clock {
  const waits: { at: number; end: () => void }[] = [];
  let time = 0;
  const next = () => {
    waits.sort((a, b) => a.at - b.at);
    const first = waits.shift();
    if (!first) return;
    time = Math.max(time, first.at);
    first.end();
    setImmediate(next);
  };
  return {
    now: () => time,
    delay: (ms, signal) =>
      new Promise((end) => {
        signal.addEventListener('abort', () => end());
        if (waits.push({ at: time + ms, end }) === 1) setImmediate(next);
      }),
  };
}

const ok: PostResult = { ok: true, status: 200, body: '', ms: 1 };

function plan(clock: Clock, changes: Partial<SendPlan>): SendPlan {
  return {
    count: 10,
    concurrency: 3,
    compose: (number) => ({ headers: {}, body: String(number) }),
    post: () => Promise.resolve(ok),
    clock,
    ...changes,
  };
}

test('spaces webhooks evenly from the start at a rate', async () => {
  const clock = fakeClock();
  const times: [string, number][] = [];
  const post: SendPlan['post'] = ({ body }) => {
    times.push([body, clock.now()]);
    return Promise.resolve(ok);
  };
  await sendWebhooks(plan(clock, { count: 6, rate: 4, post }));
  expect(times).toEqual([
    ['1', 0],
    ['2', 250],
    ['3', 500],
    ['4', 750],
    ['5', 1_000],
    ['6', 1_250],
  ]);
});

test('sends each number once', async () => {
  const sent: string[] = [];
  const post: SendPlan['post'] = ({ body }) => {
    sent.push(body);
    return Promise.resolve(ok);
  };
  expect(await sendWebhooks(plan(fakeClock(), { post }))).toHaveLength(10);
  expect(sent.map(Number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('limits concurrent requests', async () => {
  const open: (() => void)[] = [];
  let maxOpen = 0;
  const post: SendPlan['post'] = () =>
    new Promise((resolve) => {
      open.push(() => resolve(ok));
      maxOpen = Math.max(maxOpen, open.length);
      if (open.length === 3) setImmediate(() => open.splice(0).forEach((respond) => void respond()));
    });
  await sendWebhooks(plan(fakeClock(), { count: 9, post }));
  expect(maxOpen).toBe(3);
});

test('stops when the address is unreachable, including pending delays', async () => {
  const post: SendPlan['post'] = () => Promise.resolve({ ok: false, code: 'ECONNREFUSED' });
  const neverTicking: Clock = {
    now: () => 0,
    delay: (_, signal) => new Promise((end) => signal.addEventListener('abort', () => end())),
  };
  expect(await sendWebhooks(plan(neverTicking, { count: 1_000, rate: 1, post }))).toHaveLength(1);
});
