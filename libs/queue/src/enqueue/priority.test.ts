import { expect, test } from 'vitest';
import { BacklogPriority } from './priority.ts';

function priorities() {
  const clock = { ms: 0 };
  const priority = new BacklogPriority(() => clock.ms);
  const next = (connection: string, limit = 600) => priority.next(connection, limit);
  return { clock, priority, next };
}

test('stays 1 for a connection within its limit, regardless of time', () => {
  const { clock, next } = priorities();
  for (let event = 0; event < 1_000; event++) {
    expect(next('steady')).toBe(1);
    clock.ms += 100;
  }
});

test('grows by one with each delivery ahead of the limit, for that connection alone', () => {
  const { next } = priorities();
  const dump = Array.from({ length: 50_000 }, () => next('dump'));
  expect(dump).toEqual(Array.from({ length: 50_000 }, (_, index) => index + 1));
  expect(next('other')).toBe(1);
});

test('goes down as the limit lets deliveries through', () => {
  const { clock, next } = priorities();
  for (let event = 0; event < 100; event++) next('dump');
  clock.ms += 5_000;
  expect(next('dump')).toBe(51);
  clock.ms += 60_000;
  expect(next('dump')).toBe(1);
});

test.each([1, 7, 600, 1_000_000])('counts whole deliveries at a limit of %i per minute', (limit) => {
  const { clock, next } = priorities();
  clock.ms = 1_234_567.89;
  expect(Array.from({ length: 1_000 }, () => next('dump', limit))).toEqual(
    Array.from({ length: 1_000 }, (_, index) => index + 1),
  );
});

test('does not count refunded deliveries', () => {
  const { priority, next } = priorities();
  expect([next('a'), next('a'), next('a')]).toEqual([1, 2, 3]);
  priority.refund('a', 600, 2);
  expect(next('a')).toBe(2);
  priority.refund('a', 600, 1_000);
  expect(next('a')).toBe(1);
  priority.refund('never seen', 600, 1);
  expect(next('never seen')).toBe(1);
});

test('does not exceed the highest priority of BullMQ', () => {
  const { next } = priorities();
  for (let event = 0; event < 2 ** 20 + 10; event++) next('dump');
  expect(next('dump')).toBe(2 ** 20);
});

test('deletes the buckets of connections without a backlog', () => {
  const { clock, priority, next } = priorities();
  for (let event = 0; event < 50; event++) next('dump', 1);
  for (let round = 0; round < 20; round++) {
    for (let connection = 0; connection < 1_000; connection++) next(`${round}-${connection}`);
    clock.ms += 1_000;
  }
  expect(priority.size).toBeLessThan(3_000);
  expect(next('dump', 1)).toBe(51);
});
