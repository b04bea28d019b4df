import { expect, test } from 'vitest';
import { uuidV7 } from './delivery.ts';

test('uuidV7 returns the example of RFC 9562, A.6', () => {
  const random = Buffer.from('0cc3 18c4dc0c0c07398f'.replace(' ', ''), 'hex');
  expect(uuidV7(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('uuidV7 returns ids that sort by time', () => {
  const ids = [3, 1, 2].map((now) => uuidV7(1_700_000_000_000 + now));
  expect(ids.toSorted().map((id) => ids.indexOf(id))).toEqual([1, 2, 0]);
});
