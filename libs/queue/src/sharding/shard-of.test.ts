import { expect, test } from 'vitest';
import { shardOf } from './placement.ts';

const bots = Array.from({ length: 10_000 }, (_, index) => `bot-${index}`);

test('assigns a bot to the same shard in every process', () => {
  expect(bots.slice(0, 8).map((bot) => shardOf(bot, 4))).toEqual([0, 3, 0, 3, 3, 1, 2, 1]);
  expect(new Set(bots.map((bot) => shardOf(bot, 1)))).toEqual(new Set([0]));
});

test.each([2, 3, 4, 8, 64])('distributes bots evenly over %i shards', (shards) => {
  const assigned = bots.map((bot) => shardOf(bot, shards));
  const counts = Array.from({ length: shards }, (_, shard) => assigned.filter((one) => one === shard).length);
  const even = bots.length / shards;
  // Four standard deviations.
  for (const count of counts) expect(Math.abs(count - even)).toBeLessThan(4 * Math.sqrt(even));
});

test('an additional shard moves bots only to itself', () => {
  for (const bot of bots) {
    const [before, after] = [shardOf(bot, 4), shardOf(bot, 5)];
    expect([before, 4]).toContain(after);
  }
});
