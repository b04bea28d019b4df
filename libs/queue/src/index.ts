/** What production code uses of the queue. `testing.ts` exports what only tests, benchmarks and e2e use. */
export { type AuditLog, createAuditLog } from './audit/audit-log.ts';
export { unverifiedBullmq } from './bullmq/private-surface.ts';
export type { ReservedJob } from './consume/consumer.ts';
export type { ShardWork } from './consume/consumers.ts';
export type { Change } from './dead-letters/apply-change.ts';
export { CursorError } from './dead-letters/cursor.ts';
export { createDeadLetters, type DeadLetters } from './dead-letters/dead-letters.ts';
export { DryRun, type DryRunResult, executeDryRun } from './dead-letters/dry-run.ts';
export type { EditSummary } from './dead-letters/edit.ts';
export { type ExportOptions, exportedDeadLetter } from './dead-letters/export.ts';
export {
  choicesOf,
  type DeadLetterFilter,
  FILTER_NAMES,
  type FilterName,
  filterField,
  filterFromTexts,
  isNumeric,
  MAX_TERMS,
  maxValuesOf,
  type PayloadTerm,
  toTerm,
} from './dead-letters/filter.ts';
export { deadLetterFilter, deliveryId, payloadTerm } from './dead-letters/filter-schema.ts';
export type { DeadLetterGroup } from './dead-letters/groups.ts';
export type { ImportSummary } from './dead-letters/import.ts';
export type { RetentionLimits, Sweep } from './dead-letters/retention.ts';
export type { DeadLetter, PageRequest } from './dead-letters/search.ts';
export type { EnqueueRejection, EnqueueRejectionReason } from './enqueue/admission.ts';
export type { Enqueued, EnqueueRequest, Enqueuer } from './enqueue/enqueuer.ts';
export { BacklogPriority } from './enqueue/priority.ts';
export { openProducers, type Producers } from './enqueue/producer.ts';
export { createRecordedFacts, type RecordedFacts } from './inspect/api-facts.ts';
export { createDeliveries, type Deliveries, type FoundDelivery } from './inspect/deliveries.ts';
export type { DeliveryRecord, Whereabouts } from './inspect/delivery-record.ts';
export { createEraser, type Eraser, type Erasure } from './inspect/erase.ts';
export {
  createQueueStats,
  type DeadLetterStats,
  type NewestDelivered,
  type QueueStats,
  type QueueStatsReader,
} from './inspect/queue-stats.ts';
export { createRawQueues, type RawQueues } from './inspect/raw-queues.ts';
export {
  compareStored,
  type Difference,
  type Ledger,
  type LedgerRow,
  type StoredComparison,
} from './ledger/ledger.ts';
export { createLedgerReader, type LedgerReader } from './ledger/reader.ts';
export type { AttemptNote } from './records/attempt.ts';
export { jsonPatch } from './records/edit.ts';
export {
  type ConnectionQueue,
  DEAD_REASONS,
  type DeliveryOutcome,
  type FailureDetail,
  type RetryCause,
  type WorkspaceWindow,
} from './records/outcome.ts';
export { FAULT_OF, remedyOf } from './records/remedies.ts';
export { RedisNotReachedError } from './redis/connect.ts';
export type { ReplayPlan } from './replays/plan.ts';
export { outstandingOf, type ReplayRecord } from './replays/record.ts';
export { createReplays, type Replays, SecondEventsError } from './replays/replays.ts';
export { countWorkspaceEvents, type ReadPurpose } from './scheduler/call-windows.ts';
export { createOperatorScheduler, type OperatorScheduler } from './scheduler/operator.ts';
export { openScheduler } from './scheduler/scheduler.ts';
export type { ConnectionFailure, HeldConnection, Permit, Scheduler } from './scheduler/types.ts';
export {
  createWorkspaceLimits,
  type WorkspaceLimitOptions,
  type WorkspaceLimits,
} from './scheduler/workspace-limits.ts';
export { openShards, type Shards } from './sharding/across-shards.ts';
export type {
  AwaitingConnection,
  AwaitingEvent,
  FinalStatus,
  Recorded,
  StatusIndex,
  StatusReport,
} from './statuses/status-index.ts';
export type { SweepStatuses } from './statuses/status-sweep.ts';
export { startWorker } from './worker.ts';
