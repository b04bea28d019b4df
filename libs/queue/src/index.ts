export type { AttemptNote } from './attempt-note.ts';
export type { AuditEntry } from './audit/append-audit-line.ts';
export {
  type AuditLine,
  type AuditLog,
  type AuditPage,
  openAuditLog,
} from './audit/audit-log.ts';
export { BacklogPriority } from './backlog-priority.ts';
export { type Consumer, consumeDeliveries, type Taken } from './consumer.ts';
export { DEAD_REASONS, type Origin, readDeadReason } from './dead-letter.ts';
export { type Change, type JsonPatch, jsonPatch } from './dead-letters/apply-change.ts';
export type { OnProgress } from './dead-letters/discard-dead-letters.ts';
export type { EditRequest } from './dead-letters/edit-dead-letter.ts';
export type { EditSummary } from './dead-letters/edit-dead-letters.ts';
export type { EditNote } from './dead-letters/edit-note.ts';
export type { ExportOptions } from './dead-letters/export-dead-letters.ts';
export { type ExportedDeadLetter, exportedDeadLetter } from './dead-letters/exported-dead-letter.ts';
export {
  type DeadLetterFilter,
  deadLetterFilter,
  deliveryId,
  MAX_IDS,
  MAX_TERMS,
  type PayloadTerm,
  payloadTerm,
  toTerm,
} from './dead-letters/filter-schema.ts';
export type {
  DeadLetter,
  DeadLetterPage,
  PageRequest,
} from './dead-letters/find-dead-letters.ts';
export { CursorError } from './dead-letters/find-order.ts';
export type { ImportSummary } from './dead-letters/import-dead-letters.ts';
export { type DeadLetters, openDeadLetters } from './dead-letters/open-dead-letters.ts';
export type { DeadLetterGroup } from './dead-letters/read-groups.ts';
export { FAULT_OF, REMEDIES } from './dead-letters/remedies.ts';
export type { FoundDelivery } from './deliveries/find-deliveries.ts';
export { type Deliveries, openDeliveries } from './deliveries/open-deliveries.ts';
export type { DeliveryRecord, DiscardNote, Whereabouts } from './deliveries/read-record.ts';
export type { DeadDetail, DeadReason, DeliveryOutcome } from './delivery-outcome.ts';
export { type Enqueued, type EnqueueRequest, enqueueGroup } from './enqueue-group.ts';
export type { EnqueueResult, Enqueuer } from './enqueuer.ts';
export type { Erasure, ErasureRequest } from './erase-deliveries.ts';
export { type Eraser, openEraser } from './eraser.ts';
export type { NewestDelivered } from './figures/newest-delivered.ts';
export {
  openQueueFigures,
  type QueueFigures,
  type QueueFiguresReader,
} from './figures/open-queue-figures.ts';
export type { RedisHealth } from './figures/redis-health.ts';
export { delayInLane } from './gate/delay-in-lane.ts';
export type { Gate, Operator, Strike, ToldLimit } from './gate/gate.ts';
export { openGate } from './gate/open-gate.ts';
export { type OpenOperatorGate, openOperatorGate } from './gate/open-operator-gate.ts';
export { Releaser } from './gate/releaser.ts';
export type { BotLimit, Hold, Lane, Turn, TurnRequest } from './gate/turn.ts';
export type { Difference, Ledger, LedgerRow } from './ledger/balance-ledger.ts';
export { compareStored, type StoredComparison } from './ledger/compare-stored.ts';
export { createLedgerBackend } from './ledger/ledger-backend.ts';
export { type LedgerReader, openLedgerReader } from './ledger/ledger-reader.ts';
export { openProducer, type Producer, type ProducerOptions } from './producer.ts';
export { type DeadState, openQueueReader, type QueueReader, type QueueState } from './queue-reader.ts';
export { openRawQueues, type RawQueues } from './raw-queues.ts';
export type { RedisLoad } from './redis-load.ts';
export type { Refusal, RefusalReason } from './refusal.ts';
export { openReplays, type Replays } from './replays/open-replays.ts';
export type { ReplayPlan } from './replays/plan-replay.ts';
export { outstandingOf, type ReplayRecord, type ReplayState } from './replays/replay-record.ts';
export type { Stepped } from './replays/replay-step.ts';
export type { RetentionLimits, Sweep } from './retention/sweep.ts';
export { consumeShards, type ShardWork } from './shards/consume-shards.ts';
export type { ShardedOptions } from './shards/each-shard.ts';
export { openProducers, type Producers } from './shards/open-producers.ts';
export { openShardCount, type ShardCount } from './shards/shard-count.ts';
export { runTrial } from './trials/run-trial.ts';
export { type Mappers, Trial, type TrialResult, type WouldBecome } from './trials/trial.ts';
