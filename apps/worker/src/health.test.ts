import { expect, test } from 'vitest';
import { createWorkerHealth } from './health.ts';

const STUCK_AFTER = 60_000;

test('a worker that is stuck in one shard is not alive, even while the others make progress', async () => {
  let clock = 0;
  const waiting: Record<string, number> = { '{a}': 5, '{b}': 2 };
  const health = createWorkerHealth({
    countWaiting: async (prefix) => waiting[prefix],
    stuckAfter: STUCK_AFTER,
    now: () => clock,
  });
  const [noteA, noteB] = [health.watch('{a}'), health.watch('{b}')];
  expect(health.checks.alive()).toEqual({ ok: true });

  clock += STUCK_AFTER;
  noteA();
  expect(health.checks.alive()).toMatchObject({ ok: false });
  noteB();
  expect(health.checks.alive()).toEqual({ ok: true });
  health.draining();
});
