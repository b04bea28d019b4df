import { expect, test } from 'vitest';
import type { Outcome } from './post-webhook.ts';
import { type SendPlan, sendWebhooks } from './send-webhooks.ts';
import type { Clock } from './surroundings.ts';

/** A clock that stands still but for the waits, each of which it ends in order. */
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

const fine: Outcome = { ok: true, status: 200, body: '', ms: 1 };

function plan(clock: Clock, changes: Partial<SendPlan>): SendPlan {
  return {
    count: 10,
    concurrency: 3,
    compose: (number) => ({ headers: {}, body: String(number) }),
    post: () => Promise.resolve(fine),
    clock,
    ...changes,
  };
}

test('a rate spaces them evenly from the start', async () => {
  const clock = fakeClock();
  const times: [string, number][] = [];
  const post: SendPlan['post'] = ({ body }) => {
    times.push([body, clock.now()]);
    return Promise.resolve(fine);
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

test('each number is sent once', async () => {
  const sent: string[] = [];
  const post: SendPlan['post'] = ({ body }) => {
    sent.push(body);
    return Promise.resolve(fine);
  };
  expect(await sendWebhooks(plan(fakeClock(), { post }))).toHaveLength(10);
  expect(sent.map(Number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('no more are without an answer at once than may be', async () => {
  const open: (() => void)[] = [];
  let most = 0;
  const post: SendPlan['post'] = () =>
    new Promise((resolve) => {
      open.push(() => resolve(fine));
      most = Math.max(most, open.length);
      if (open.length === 3) setImmediate(() => open.splice(0).forEach((answer) => void answer()));
    });
  await sendWebhooks(plan(fakeClock(), { count: 9, post }));
  expect(most).toBe(3);
});

test('when nobody is there it stops, waits for a turn included', async () => {
  const post: SendPlan['post'] = () => Promise.resolve({ ok: false, code: 'ECONNREFUSED' });
  const neverTicking: Clock = {
    now: () => 0,
    delay: (_, signal) => new Promise((end) => signal.addEventListener('abort', () => end())),
  };
  expect(await sendWebhooks(plan(neverTicking, { count: 1_000, rate: 1, post }))).toHaveLength(1);
});
