export type { AuditEntry } from './audit/audit-log.ts';
export {
  type AuditLine,
  type AuditLog,
  type AuditPage,
  createAuditLog,
} from './audit/audit-log.ts';
export { createDeliveryBackend } from './bullmq/backend.ts';
export { unverifiedBullmq } from './bullmq/private-surface.ts';
export type { RedisLoad } from './bullmq/queue-load.ts';
export type { Consumer, ReservedJob } from './consume/consumer.ts';
export type { ShardWork } from './consume/consumers.ts';
export { type Change, type JsonPatch, jsonPatch } from './dead-letters/apply-change.ts';
export { createDeadLetters, type DeadLetters } from './dead-letters/dead-letters.ts';
export type { OnProgress } from './dead-letters/discard.ts';
export {
  DryRun,
  type DryRunResult,
  executeDryRun,
  type Mappers,
  type PreviewedEvent,
} from './dead-letters/dry-run.ts';
export type { EditRequest, EditSummary } from './dead-letters/edit.ts';
export type { ExportOptions } from './dead-letters/export.ts';
export { type ExportedDeadLetter, exportedDeadLetter } from './dead-letters/export.ts';
export {
  choicesOf,
  type DeadLetterFilter,
  FILTER_NAMES,
  type FilterField,
  type FilterName,
  filterField,
  filterFromTexts,
  isNumeric,
  MAX_TERMS,
  maxValuesOf,
  type PayloadTerm,
  toTerm,
} from './dead-letters/filter.ts';
export { deadLetterFilter, deliveryId, payloadTerm, schemaOf } from './dead-letters/filter-schema.ts';
export type { DeadLetterGroup } from './dead-letters/groups.ts';
export type { ImportSummary } from './dead-letters/import.ts';
export type { RetentionLimits, Sweep } from './dead-letters/retention.ts';
export type {
  DeadLetter,
  DeadLetterPage,
  PageRequest,
} from './dead-letters/search.ts';
export { CursorError } from './dead-letters/search.ts';
export type { EnqueueRejection, EnqueueRejectionReason } from './enqueue/admission.ts';
export type { EnqueueResult, Enqueuer } from './enqueue/enqueuer.ts';
export { type Enqueued, type EnqueueRequest, enqueueGroup } from './enqueue/enqueuer.ts';
export { BacklogPriority } from './enqueue/priority.ts';
export {
  openProducer,
  openProducers,
  type Producer,
  type ProducerOptions,
  type Producers,
} from './enqueue/producer.ts';
export type { FoundDelivery } from './inspect/deliveries.ts';
export { createDeliveries, type Deliveries } from './inspect/deliveries.ts';
export type { DeliveryRecord, DiscardNote, Whereabouts } from './inspect/delivery-record.ts';
export type { Erasure, ErasureRequest } from './inspect/erase.ts';
export { createEraser, type Eraser } from './inspect/erase.ts';
export {
  createQueueReader,
  type DeadState,
  type QueueReader,
  type QueueState,
} from './inspect/queue-reader.ts';
export type { NewestDelivered } from './inspect/queue-stats.ts';
export {
  createQueueStats,
  type QueueStats,
  type QueueStatsReader,
} from './inspect/queue-stats.ts';
export { createRawQueues, type RawQueues } from './inspect/raw-queues.ts';
export type { Difference, Ledger, LedgerRow } from './ledger/ledger.ts';
export { compareStored, type StoredComparison } from './ledger/ledger.ts';
export { createLedgerReader, type LedgerReader } from './ledger/reader.ts';
export type { AttemptNote } from './records/attempt.ts';
export type { EditNote } from './records/edit.ts';
export { type FailureSource, readFailure } from './records/failure.ts';
export {
  type BotLimit,
  type ConnectionQueue,
  DEAD_REASONS,
  type DeadReason,
  type DeliveryOutcome,
  type FailureDetail,
  type HoldCause,
  type RetryCause,
} from './records/outcome.ts';
export { FAULT_OF, REMEDIES } from './records/remedies.ts';
export type { RedisHealth } from './redis/health.ts';
export type { ReplayPlan } from './replays/plan.ts';
export { outstandingOf, type PausedBy, type ReplayRecord, type ReplayState } from './replays/record.ts';
export { createReplays, type Replays } from './replays/replays.ts';
export type { ReplayStepResult } from './replays/runner.ts';
export { Dispatcher } from './scheduler/dispatcher.ts';
export { createOperatorScheduler, type OpenOperatorScheduler } from './scheduler/operator.ts';
export { park } from './scheduler/park.ts';
export { openScheduler } from './scheduler/scheduler.ts';
export type {
  ConnectionFailure,
  HeldConnection,
  Operator,
  Permit,
  PermitRequest,
  ReportedLimit,
  Scheduler,
} from './scheduler/types.ts';
export { openShards, type Shards, type ShardsOptions } from './sharding/across-shards.ts';
export { startShardWorker, startWorker } from './worker.ts';
