import type { RedisQueueBackend } from 'bullmq';
import { OWN_KEYS } from '../keys.ts';
import { type LuaConstants, luaNames } from '../redis/scripts.ts';

/** The one queue. Its failed set is the dead-letter queue. */
export const QUEUE_NAME = 'deliveries';

/**
 * BullMQ's keys, below `{prefix}:deliveries:`. `deduplication` and the job's own keys take an id. In Lua: `QUEUE_WAIT`,
 * `QUEUE_DEDUPLICATION`, …
 */
export const QUEUE_KEYS = {
  wait: 'wait',
  paused: 'paused',
  active: 'active',
  prioritized: 'prioritized',
  delayed: 'delayed',
  completed: 'completed',
  failed: 'failed',
  stalled: 'stalled',
  limiter: 'limiter',
  meta: 'meta',
  marker: 'marker',
  events: 'events',
  id: 'id',
  /** Counter that orders jobs of one priority. */
  priorityCounter: 'pc',
  repeat: 'repeat',
  deduplication: 'de:',
} as const;

export type QueueKey = keyof typeof QUEUE_KEYS;

/** Keys that belong to one job: its own key, then the suffix. In Lua: `JOB_LOCK`, `JOB_LOGS`. */
export const JOB_SUFFIXES = { lock: ':lock', logs: ':logs' } as const;

/** BullMQ's fields of a job's hash. In Lua: `FIELD_DATA`, `FIELD_FAILED_REASON`, … */
export const JOB_FIELDS = {
  name: 'name',
  data: 'data',
  /** JSON; the delivery's connection is among the options. */
  opts: 'opts',
  timestamp: 'timestamp',
  delay: 'delay',
  priority: 'priority',
  processedOn: 'processedOn',
  finishedOn: 'finishedOn',
  returnValue: 'returnvalue',
  failedReason: 'failedReason',
  /** JSON; the notes of the attempts. */
  stacktrace: 'stacktrace',
  attemptsMade: 'atm',
  attemptsStarted: 'ats',
  /** Times that the job's worker died. */
  stalledCounter: 'stc',
  deduplicationId: 'deid',
} as const;

/** Sluice's fields of a job's hash. In Lua: `FIELD_ATTEMPT_STARTED_AT`, `FIELD_REPLAY`, … */
export const DELIVERY_FIELDS = {
  /** When an attempt started that may have created an event, in milliseconds since the epoch by Redis' clock. */
  attemptStartedAt: 'sl:began',
  /** Score in its connection's queue, while it waits there or has a permit from there. */
  queuePosition: 'sl:lane',
  /** Why it last entered that queue, kept until it is replayed: `held` if its connection was held, else `paced`. */
  waited: 'sl:waited',
  /** Score in `delayed` at the time when it got its permit. */
  permit: 'sl:turn',
  /** The priority that its permit replaced. */
  replacedPriority: 'sl:priority',
  /** The replay that requeued it; empty for a replay of a single dead letter. */
  replay: 'sl:replay',
  /** Times that it was processed in isolation since its worker last survived it. */
  isolated: 'sl:alone',
  /** JSON: why it is dead, without the message, which is BullMQ's `failedReason`; empty if BullMQ failed it. */
  failure: 'sl:failure',
  /** Ids of events that the bot failed or ignored, separated by spaces. A replay creates another one. */
  events: 'sl:events',
  /** JSON: who discarded it, when and why. */
  discarded: 'sl:discarded',
  /** Its data before the first edit. */
  original: 'sl:original',
  /** One line of JSON per edit. */
  edits: 'sl:edits',
} as const;

/** Highest priority of a connection's own backlog. BullMQ accepts priorities up to 2^21. */
export const LAST_PRIORITY = 2 ** 20;

/** The priority of replayed deliveries: behind all live ones. */
export const REPLAY_PRIORITY = LAST_PRIORITY + 1;

/** Returns BullMQ's score of the first job of a priority. */
export function priorityScore(priority: number): number {
  return priority * 0x1_0000_0000;
}

/** Returns when a delayed job is due, in milliseconds since the epoch, from its score. */
export function dueAt(delayedScore: number): number {
  return Math.floor(delayedScore / 0x1000);
}

/** The names above for Lua; pass them as constants of a script. */
export const LUA_LAYOUT: LuaConstants = {
  ...luaNames('OWN', OWN_KEYS),
  ...luaNames('QUEUE', QUEUE_KEYS),
  ...luaNames('JOB', JOB_SUFFIXES),
  ...luaNames('FIELD', JOB_FIELDS),
  ...luaNames('FIELD', DELIVERY_FIELDS),
};

/** Returns the prefix of the queue's keys: `{prefix}:deliveries:`. */
export function queueKeyPrefix(prefix: string): string {
  return `${prefix}:${QUEUE_NAME}:`;
}

/** @param keyPrefix prefix of the queue's keys */
export function queueKey(keyPrefix: string, key: QueueKey): string {
  return keyPrefix + QUEUE_KEYS[key];
}

/**
 * Returns the key of a delivery's hash.
 *
 * @param keyPrefix prefix of the queue's keys
 */
export function jobKey(keyPrefix: string, deliveryId: string): string {
  return keyPrefix + deliveryId;
}

/**
 * The retry budget limits attempts, not a count, so BullMQ's limit is out of reach. The backoff type makes BullMQ call the
 * worker's strategy, which returns the delay that `finalizeDelivery` states.
 */
export const JOB_OPTIONS = {
  attempts: 1_000_000,
  backoff: { type: 'settled' },
  // Notes of attempts: the retry schedule has about 20 in a day.
  stackTraceLimit: 50,
} as const;

/** Returns the prefix of a queue; BullMQ exposes it only together with the queue's name. */
export function prefixOf({ qualifiedName }: Pick<RedisQueueBackend, 'qualifiedName'>): string {
  return qualifiedName.slice(0, -(QUEUE_NAME.length + 1));
}
