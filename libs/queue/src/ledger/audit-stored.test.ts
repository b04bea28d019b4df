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

test('what is stored as counted agrees, also where nothing is left', () => {
  const stored = new Map([
    ['quiet', { pending: 2, dead: 1 }],
    ['busy', { pending: 100, dead: 0 }],
  ]);
  expect(compareStored(before, before, stored)).toEqual({ compared: 3, moved: [], differences: [] });
});

test('what differs is told by connection, also of one that the ledger does not know', () => {
  const stored = new Map([
    ['quiet', { pending: 1, dead: 2 }],
    ['busy', { pending: 100, dead: 0 }],
    ['stranger', { pending: 0, dead: 1 }],
  ]);
  expect(compareStored(before, before, stored)).toEqual({
    compared: 4,
    moved: [],
    differences: [
      { connection: 'quiet', of: 'pending', counted: 2, stored: 1 },
      { connection: 'quiet', of: 'dead', counted: 1, stored: 2 },
      { connection: 'stranger', of: 'dead', counted: 0, stored: 1 },
    ],
  });
});

test('what had traffic meanwhile is not judged', () => {
  const after = ledgerOf({
    quiet: { accepted: 5, delivered: 2, dead: 1 },
    // One came, one was delivered: as many are pending.
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
