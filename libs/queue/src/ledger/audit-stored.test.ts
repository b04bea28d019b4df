import { expect, test } from 'vitest';
import { type Counts, noCounts } from '../bullmq/ledger-counters.ts';
import { balanceLedger, compareStored } from './ledger.ts';

const ledgerOf = (connections: Record<string, Partial<Counts>>) => {
  const counters = Object.entries(connections).map(
    ([connection, counts]) => [connection, { ...noCounts(), ...counts }] as const,
  );
  return balanceLedger(new Map(counters), { pending: 0, dead: 0 });
};

const before = ledgerOf({
  quiet: { accepted: 5, delivered: 2, dead: 1 },
  busy: { accepted: 100 },
  empty: { accepted: 3, delivered: 3 },
});

test('finds no difference where the counters match the stored deliveries, even if none are left', () => {
  const stored = new Map([
    ['quiet', { pending: 2, dead: 1 }],
    ['busy', { pending: 100, dead: 0 }],
  ]);
  expect(compareStored(before, before, stored)).toEqual({ compared: 3, moved: [], differences: [] });
});

test('reports differences by connection, including one that the ledger does not have', () => {
  const stored = new Map([
    ['quiet', { pending: 1, dead: 2 }],
    ['busy', { pending: 100, dead: 0 }],
    ['unknown', { pending: 0, dead: 1 }],
  ]);
  expect(compareStored(before, before, stored)).toEqual({
    compared: 4,
    moved: [],
    differences: [
      { connection: 'quiet', of: 'pending', counted: 2, stored: 1 },
      { connection: 'quiet', of: 'dead', counted: 1, stored: 2 },
      { connection: 'unknown', of: 'dead', counted: 0, stored: 1 },
    ],
  });
});

test('does not compare connections that had traffic during the walk', () => {
  const after = ledgerOf({
    quiet: { accepted: 5, delivered: 2, dead: 1 },
    // One was accepted and one delivered, so the number of pending ones is unchanged.
    busy: { accepted: 101, delivered: 1 },
    empty: { accepted: 3, delivered: 3 },
    new: { accepted: 1 },
  });
  const stored = new Map([['quiet', { pending: 2, dead: 1 }]]);
  expect(compareStored(before, after, stored)).toEqual({
    compared: 2,
    moved: ['busy', 'new'],
    differences: [],
  });
});
