import type { ReplayRecord } from '@sluice/queue';
import { expect, test } from 'vitest';
import { watchReplay } from './watch-replay.ts';

const RUNNING: ReplayRecord = {
  ...{ id: 'rpl_1', state: 'running', who: 'ops', note: '', filter: {}, until: 0, createdAt: 0, planned: 5 },
  ...{
    replayed: 0,
    delivered: 0,
    died: 0,
    removed: 0,
    base: { delivered: 0, died: 0 },
    steppedAt: 0,
    credit: 0,
  },
};

/** Watches a replay that has these states, one per read. */
async function watch(...states: readonly Partial<ReplayRecord>[]) {
  const lines: string[] = [];
  let reads = 0;
  const code = await watchReplay({ get: async () => ({ ...RUNNING, ...states[reads++] }) }, 'rpl_1', {
    out: (line) => lines.push(line),
    err: (line) => lines.push(`! ${line}`),
    clock: { now: () => 0, delay: async () => {} },
  });
  return { code, lines };
}

test('prints each change until the replay is done', async () => {
  const half = { steppedAt: 1, replayed: 3, delivered: 2 };
  const { code, lines } = await watch({}, half, half, { ...half, state: 'done', replayed: 5, delivered: 5 });
  expect(code).toBe(0);
  expect(lines).toEqual([
    'rpl_1 running: 0 of 5 requeued, 0 delivered',
    'rpl_1 running: 3 of 5 requeued, 2 delivered, 1 in progress',
    'rpl_1 done: 5 of 5 requeued, 5 delivered',
  ]);
});

test('exits with 1 when a delivery failed again', async () => {
  const end = { state: 'done', replayed: 5, delivered: 4, died: 1 } as const;
  expect((await watch(end)).code).toBe(1);
});

test('warns when no worker starts the replay', async () => {
  const { lines } = await watch(...Array.from({ length: 9 }, () => ({})), { state: 'cancelled' });
  expect(lines).toEqual([
    'rpl_1 running: 0 of 5 requeued, 0 delivered',
    '! warning: No worker has started the replay. Check that a worker is running.',
    'rpl_1 cancelled: 0 of 5 requeued, 0 delivered',
  ]);
});

test('warns when there is no progress', async () => {
  const stuck = { steppedAt: 1, replayed: 3 };
  const { lines } = await watch(...Array.from({ length: 20 }, () => stuck), { ...stuck, state: 'cancelled' });
  expect(lines).toEqual([
    'rpl_1 running: 3 of 5 requeued, 0 delivered, 3 in progress',
    '! warning: No progress. Check for paused connections with sluice connections paused.',
    'rpl_1 cancelled: 3 of 5 requeued, 0 delivered, 3 in progress',
  ]);
});

test('shows a progress bar on a terminal and prints only the last state', async () => {
  const half = { ...RUNNING, steppedAt: 1, replayed: 3, delivered: 2, died: 1 };
  const states = [half, { ...half, state: 'done' as const, replayed: 5, delivered: 4 }];
  const [lines, shown]: [string[], string[]] = [[], []];
  await watchReplay({ get: async () => states.shift() }, 'rpl_1', {
    out: (line) => lines.push(line),
    err: () => {},
    status: (line) => shown.push(line),
    clock: { now: () => 0, delay: async () => {} },
  });
  expect(shown).toEqual([
    `[${'█'.repeat(14)}${'·'.repeat(10)}]  60 %  rpl_1 running: 3 of 5 requeued, 2 delivered, 1 failed again`,
  ]);
  expect(lines).toEqual(['rpl_1 done: 5 of 5 requeued, 4 delivered, 1 failed again']);
});
