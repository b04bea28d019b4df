import type { Logger } from '@sluice/observability';
import type { Sweep } from '@sluice/queue';
import { expect, test } from 'vitest';
import { createSweepReporter } from './report-sweep.ts';

const HOUR = 3_600_000;

const sweep = (changes: Partial<Sweep>): Sweep => ({
  ...{ tooOld: 0, tooMany: 0, discarded: 0, left: 9, bytes: 10, expiring: 0, at: 0 },
  ...changes,
});

function listen(maxBytes?: number) {
  const lines: string[] = [];
  let now = 0;
  const logger = {
    warn: (rateLimit: { count?: number; why?: string }, line: string) =>
      lines.push([line, rateLimit.why, rateLimit.count].filter(Boolean).join(' ')),
  } as unknown as Logger;
  const report = createSweepReporter(logger, maxBytes === undefined ? {} : { maxBytes }, () => now);
  return {
    lines,
    report,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('logs deleted dead letters at every sweep', () => {
  const { lines, report } = listen();
  for (let time = 0; time < 2; time++) report(sweep({ tooOld: 3, tooMany: 2 }));
  const once = ['dead_letters.expired age 3', 'dead_letters.expired bytes 2'];
  expect(lines).toEqual([...once, ...once]);
});

test('logs upcoming deletions once an hour', () => {
  const { lines, report, pass } = listen(100);
  for (const ms of [0, HOUR - 1, 1]) {
    pass(ms);
    report(sweep({ expiring: 5, bytes: 81 }));
  }
  const once = ['dead_letters.expiring 5', 'dead_letters.nearly_full'];
  expect(lines).toEqual([...once, ...once]);
});

test('logs nothing when there is nothing to report', () => {
  const { lines, report } = listen(100);
  report(sweep({ discarded: 4, bytes: 80 }));
  expect(lines).toEqual([]);
});
