import {
  type AuditLog,
  createAuditLog,
  createDeadLetters,
  createDeliveries,
  createLedgerReader,
  createOperatorScheduler,
  createQueueStats,
  createRawQueues,
  createReplays,
  type DeadLetters,
  type Deliveries,
  type LedgerReader,
  type OperatorScheduler,
  openShards,
  type QueueStatsReader,
  type RawQueues,
  type Replays,
} from '@sluice/queue';

/** Everything that the console reads and changes in Redis. */
export interface Backend {
  readonly deadLetters: DeadLetters;
  readonly deliveries: Deliveries;
  readonly replays: Replays;
  readonly scheduler: OperatorScheduler;
  readonly ledger: LedgerReader;
  readonly audit: AuditLog;
  readonly stats: QueueStatsReader;
  readonly rawQueues: RawQueues;
}

export interface OpenBackend extends Backend {
  /** Resolves when Redis has been reached for the first time; never rejects. */
  readonly reached: Promise<void>;
  close(): Promise<void>;
}

export interface BackendOptions {
  readonly url: string;
  readonly prefix: string;
  /** Minimum number of shards. */
  readonly shards: number;
  readonly onError: (error: Error) => void;
}

/** Opens one connection to each shard, shared by all parts. Calls reject while Redis is unavailable. */
export function openBackend({ shards: wanted, ...options }: BackendOptions): OpenBackend {
  const shards = openShards({ ...options, name: 'sluice-console', wanted });
  return {
    deadLetters: createDeadLetters(shards),
    deliveries: createDeliveries(shards),
    replays: createReplays(shards),
    scheduler: createOperatorScheduler(shards),
    ledger: createLedgerReader(shards),
    audit: createAuditLog(shards),
    stats: createQueueStats(shards),
    rawQueues: createRawQueues(shards),
    reached: shards.reached,
    close: shards.close,
  };
}
