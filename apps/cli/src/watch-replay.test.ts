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

/** Watches a replay that is seen like that, one look after the other. */
async function watch(...seen: readonly Partial<ReplayRecord>[]) {
  const lines: string[] = [];
  let look = 0;
  const code = await watchReplay({ get: async () => ({ ...RUNNING, ...seen[look++] }) }, 'rpl_1', {
    out: (line) => lines.push(line),
    err: (line) => lines.push(`! ${line}`),
    clock: { now: () => 0, delay: async () => {} },
  });
  return { code, lines };
}

test('tells what has changed, until it is done', async () => {
  const half = { steppedAt: 1, replayed: 3, delivered: 2 };
  const { code, lines } = await watch({}, half, half, { ...half, state: 'done', replayed: 5, delivered: 5 });
  expect(code).toBe(0);
  expect(lines).toEqual([
    'rpl_1 running: 0 of 5 put back, 0 delivered',
    'rpl_1 running: 3 of 5 put back, 2 delivered, 1 on their way',
    'rpl_1 done: 5 of 5 put back, 5 delivered',
  ]);
});

test('fails when something has died again', async () => {
  const end = { state: 'done', replayed: 5, delivered: 4, died: 1 } as const;
  expect((await watch(end)).code).toBe(1);
});

test('says when nobody does the work', async () => {
  const { lines } = await watch(...Array.from({ length: 9 }, () => ({})), { state: 'cancelled' });
  expect(lines).toEqual([
    'rpl_1 running: 0 of 5 put back, 0 delivered',
    '! no worker has taken it up yet  — is one running?',
    'rpl_1 cancelled: 0 of 5 put back, 0 delivered',
  ]);
});

test('says where to look when nothing moves', async () => {
  const stuck = { steppedAt: 1, replayed: 3 };
  const { lines } = await watch(...Array.from({ length: 20 }, () => stuck), { ...stuck, state: 'cancelled' });
  expect(lines).toEqual([
    'rpl_1 running: 3 of 5 put back, 0 delivered, 3 on their way',
    '! what is on its way waits  — sluice connections held tells whether its connection is held',
    'rpl_1 cancelled: 3 of 5 put back, 0 delivered, 3 on their way',
  ]);
});

test('on a terminal there is a bar, and only the end stays', async () => {
  const half = { ...RUNNING, steppedAt: 1, replayed: 3, delivered: 2, died: 1 };
  const seen = [half, { ...half, state: 'done' as const, replayed: 5, delivered: 4 }];
  const [lines, shown]: [string[], string[]] = [[], []];
  await watchReplay({ get: async () => seen.shift() }, 'rpl_1', {
    out: (line) => lines.push(line),
    err: () => {},
    status: (line) => shown.push(line),
    clock: { now: () => 0, delay: async () => {} },
  });
  expect(shown).toEqual([
    `[${'█'.repeat(14)}${'·'.repeat(10)}]  60 %  rpl_1 running: 3 of 5 put back, 2 delivered, 1 dead again`,
  ]);
  expect(lines).toEqual(['rpl_1 done: 5 of 5 put back, 4 delivered, 1 dead again']);
});
