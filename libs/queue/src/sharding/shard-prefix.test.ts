import { expect, test } from 'vitest';
import { SLOTS, shardPrefix, slotOf } from './placement.ts';

const slotsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => slotOf(shardPrefix('{sluice}', index).slice(1, -1)));

test('computes the slots of the Redis Cluster specification', () => {
  expect(['123456789', 'foo', 'user1000'].map(slotOf)).toEqual([0x31c3, 12182, 3443]);
});

test('the first shard keeps the configured prefix, and the prefixes of the others are stable', () => {
  expect([0, 1, 2, 3].map((index) => shardPrefix('{sluice}', index))).toEqual([
    '{sluice}',
    '{sluice-1.u}',
    '{sluice-2.9}',
    '{sluice-3.y}',
  ]);
});

test.each([2, 4, 8, 16, 64])(
  'distributes %i shards evenly over the slots, so that nodes get equal parts',
  (count) => {
    const slots = slotsOf(count).sort((one, other) => one - other);
    const gaps = slots.map((slot, index) => (slots[index + 1] ?? (slots[0] as number) + SLOTS) - slot);
    const even = SLOTS / count;
    for (const gap of gaps) expect(Math.abs(gap - even)).toBeLessThanOrEqual((2 * SLOTS) / 200);
  },
);
