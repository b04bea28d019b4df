import {
  type AuditLog,
  type DeadLetters,
  type Deliveries,
  type LedgerReader,
  type OpenOperatorScheduler,
  openAuditLog,
  openDeadLetters,
  openDeliveries,
  openLedgerReader,
  openOperatorScheduler,
  openQueueReader,
  openQueueStats,
  openRawQueues,
  openReplays,
  openShardCount,
  type QueueReader,
  type QueueStatsReader,
  type RawQueues,
  type Replays,
} from '@sluice/queue';

/** All that the console asks of Redis. */
export interface Backend {
  readonly deadLetters: DeadLetters;
  readonly deliveries: Deliveries;
  readonly replays: Replays;
  readonly gate: OpenOperatorScheduler;
  readonly ledger: LedgerReader;
  readonly audit: AuditLog;
  readonly queue: QueueReader;
  readonly figures: QueueStatsReader;
  readonly rawQueues: RawQueues;
}

export interface OpenBackend extends Backend {
  /** Resolves when all of it has been reached; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

export interface BackendOptions {
  readonly url: string;
  readonly prefix: string;
  /** How many shards there are, at least. */
  readonly shards: number;
  readonly onError: (error: Error) => void;
}

/** Opens all of it at once; what is asked of a Redis that is away fails, and does not wait. */
export function openBackend(given: BackendOptions): OpenBackend {
  const shards = openShardCount({ ...given, name: 'sluice-console', wanted: given.shards });
  const options = { ...given, name: 'sluice-console', shards: shards.current };
  const reachable = {
    deadLetters: openDeadLetters(options),
    deliveries: openDeliveries(options),
    replays: openReplays(options),
    gate: openOperatorScheduler(options),
    ledger: openLedgerReader(options),
    audit: openAuditLog(options),
    queue: openQueueReader(options),
    figures: openQueueStats(options),
  };
  const rawQueues = openRawQueues(options);
  return {
    ...reachable,
    rawQueues,
    reached: Promise.all(Object.values(reachable).map((one) => one.reached)).then(() => {}),
    async close() {
      await Promise.all([...Object.values(reachable), rawQueues, shards].map((one) => one.close()));
    },
  };
}
