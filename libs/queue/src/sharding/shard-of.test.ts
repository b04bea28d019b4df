import { expect, test } from 'vitest';
import { shardOf } from './placement.ts';

const bots = Array.from({ length: 10_000 }, (_, index) => `bot-${index}`);

test('a bot is in the same shard wherever it is asked for', () => {
  expect(bots.slice(0, 8).map((bot) => shardOf(bot, 4))).toEqual([0, 3, 0, 3, 3, 1, 2, 1]);
  expect(new Set(bots.map((bot) => shardOf(bot, 1)))).toEqual(new Set([0]));
});

test.each([2, 3, 4, 8, 64])('of %i shards each gets as many bots', (shards) => {
  const homes = bots.map((bot) => shardOf(bot, shards));
  const counts = Array.from({ length: shards }, (_, shard) => homes.filter((home) => home === shard).length);
  const even = bots.length / shards;
  // Four standard deviations.
  for (const count of counts) expect(Math.abs(count - even)).toBeLessThan(4 * Math.sqrt(even));
});

test('with one shard more only those move that are to be in it', () => {
  for (const bot of bots) {
    const [before, after] = [shardOf(bot, 4), shardOf(bot, 5)];
    expect([before, 4]).toContain(after);
  }
});
