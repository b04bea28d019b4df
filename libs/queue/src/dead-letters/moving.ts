import type { LedgerBackend } from '../ledger/ledger-backend.ts';
import type { Place } from './place.ts';

/** Where dead letters are moved. */
export type Moving = Place & {
  readonly backend: Pick<LedgerBackend, 'move'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};
