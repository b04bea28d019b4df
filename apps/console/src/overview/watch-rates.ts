import type { Ledger, LedgerReader } from '@sluice/queue';
import { createRateHistory, type RateHistory } from './rate-history.ts';

/** Milliseconds. */
const EVERY = 10_000;
const WATCHED_FOR = 600_000;

export interface RateWatch {
  readonly history: RateHistory;
  /** Reads the ledger for somebody who wants to see rates: they are watched for ten minutes from now. Rejects if Redis is away. */
  look(): Promise<Ledger>;
  close(): void;
}

export interface RateWatchOptions {
  readonly ledger: Pick<LedgerReader, 'readLedger'>;
  /** Resolves when Redis has been reached for the first time. */
  readonly reached: Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Reads the ledger every 10 s while somebody looks, and once at the start; one script of Redis a shard. A Redis that is
 * away leaves a gap.
 */
export function watchRates({ ledger, reached, now }: RateWatchOptions): RateWatch {
  const history = createRateHistory();
  let lastAsked = Number.NEGATIVE_INFINITY;
  let looking: Promise<Ledger> | undefined;
  const read = async () => {
    try {
      const told = await ledger.readLedger();
      history.take(told, now());
      return told;
    } finally {
      looking = undefined;
    }
  };
  // One at a time: an answer that another has overtaken would be counted twice.
  const look = () => {
    looking ??= read();
    return looking;
  };
  void reached.then(look).catch(() => {});
  const timer = setInterval(() => {
    if (now() - lastAsked < WATCHED_FOR) look().catch(() => {});
  }, EVERY).unref();
  return {
    history,
    look: () => {
      lastAsked = now();
      return look();
    },
    close: () => clearInterval(timer),
  };
}
