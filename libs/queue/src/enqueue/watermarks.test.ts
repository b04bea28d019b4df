import { expect, test } from 'vitest';
import { EdgeWatermarks } from './admission.ts';

const watermarks = () => {
  const marks = new EdgeWatermarks({ memoryPercent: 80, maxBacklog: 1_000 });
  return (memoryRatio: number, backlog: number) => marks.update({ memoryRatio, backlog })?.reason;
};

test('rejects above the memory watermark until the load is 5 % below it', () => {
  const note = watermarks();
  const ratios = [0, 0.8, 0.81, 0.79, 0.77, 0.76, 0.79, 0.8, 0.9];
  expect(ratios.map((ratio) => note(ratio, 0))).toEqual([
    ...[undefined, undefined, 'memory', 'memory', 'memory', undefined, undefined, undefined, 'memory'],
  ]);
});

test('rejects above the backlog watermark until the load is 5 % below it', () => {
  const note = watermarks();
  const backlogs = [1_000, 1_001, 1_000, 951, 950, 951, 1_000];
  expect(backlogs.map((backlog) => note(0, backlog))).toEqual([
    ...[undefined, 'backlog', 'backlog', 'backlog', undefined, undefined, undefined],
  ]);
});

test('tracks the watermarks separately and reports memory before backlog', () => {
  const note = watermarks();
  expect(note(0.9, 2_000)).toBe('memory');
  expect(note(0.7, 990)).toBe('backlog');
  expect(note(0.9, 900)).toBe('memory');
  expect(note(0.7, 990)).toBeUndefined();
});

test('states the load in the rejection', () => {
  const marks = new EdgeWatermarks({ memoryPercent: 80, maxBacklog: 1_000 });
  expect(marks.update({ memoryRatio: 0.874, backlog: 0 })?.why).toBe('Redis uses 87 % of its maxmemory');
  expect(marks.update({ memoryRatio: 0, backlog: 1_234 })?.why).toBe('1234 deliveries wait');
});
