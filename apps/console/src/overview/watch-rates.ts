import type { Ledger, LedgerReader } from '@sluice/queue';
import { createRateHistory, type RateHistory } from './rate-history.ts';

const SAMPLE_INTERVAL_MS = 10_000;

/** Rates are measured for this time after a request. */
const WATCH_MS = 600_000;

export interface RateWatch {
  readonly history: RateHistory;
  /** Samples the ledger and measures rates for the next ten minutes. Rejects if Redis is unavailable. */
  sample(): Promise<Ledger>;
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
 * Samples the ledger at the start, and every 10 s while rates are requested: one script per shard. While Redis is
 * unavailable, the history has a gap.
 */
export function watchRates({ ledger, reached, now }: RateWatchOptions): RateWatch {
  const history = createRateHistory();
  let lastRequest = Number.NEGATIVE_INFINITY;
  let pending: Promise<Ledger> | undefined;
  const read = async () => {
    try {
      const result = await ledger.readLedger();
      history.add(result, now());
      return result;
    } finally {
      pending = undefined;
    }
  };
  // One at a time, because a result that arrives after a newer one would count twice.
  const sample = () => {
    pending ??= read();
    return pending;
  };
  void reached.then(sample).catch(() => {});
  const timer = setInterval(() => {
    if (now() - lastRequest < WATCH_MS) sample().catch(() => {});
  }, SAMPLE_INTERVAL_MS).unref();
  return {
    history,
    sample: () => {
      lastRequest = now();
      return sample();
    },
    close: () => clearInterval(timer),
  };
}
