import { describe, expect, test } from 'vitest';
import { findTransition } from './unpack.ts';

const inside = [
  { status: 'creator' },
  { status: 'administrator' },
  { status: 'member' },
  { status: 'restricted', is_member: true },
];

const outside = [
  { status: 'left' },
  { status: 'kicked' },
  { status: 'restricted', is_member: false },
  { status: 'restricted' },
];

const unknown = [{ status: 'emperor' }, { status: 1 }, {}, null, undefined, 'member', ['member']];

const pairs = <A, B>(left: readonly A[], right: readonly B[]) =>
  left.flatMap((a) => right.map((b) => [a, b] as const));

describe('a change of membership status', () => {
  test.each(pairs(outside, inside))('from %j to %j is a join', (before, after) => {
    expect(findTransition(before, after)).toBe('joined');
  });

  test.each(pairs(inside, outside))('from %j to %j is a leave', (before, after) => {
    expect(findTransition(before, after)).toBe('left');
  });

  test.each([...pairs(inside, inside), ...pairs(outside, outside)])(
    'from %j to %j is neither',
    (before, after) => {
      expect(findTransition(before, after)).toBeUndefined();
    },
  );

  test.each(unknown)('from or to %j is neither', (odd) => {
    for (const member of [...inside, ...outside, ...unknown]) {
      expect(findTransition(odd, member)).toBeUndefined();
      expect(findTransition(member, odd)).toBeUndefined();
    }
  });
});
