/**
 * Sluice's keys, below `{prefix}:`. In Lua: `OWN_LEDGER`, `OWN_DEAD_GROUP`, … BullMQ's are in `bullmq/layout.ts`, the
 * scheduler's below.
 *
 * | Key | Type | Contents |
 * |---|---|---|
 * | `ledger` | hash | counters of all connections, by `<connection>\0<counter>` |
 * | `awaiting:<connection>` | sorted set | `<event> <delivery>` of created events whose status is not known, by when they were created |
 * | `audit` | stream | actions of operators, holds and releases |
 * | `discarded` | sorted set | discarded dead letters, by when they were discarded |
 * | `dead:<group>` | sorted set | dead letters of a group, by when they died |
 * | `dead-groups` | set | groups that have dead letters |
 * | `replay:<id>` | hash | a replay: selection, state, counters |
 * | `replay:<id>:lease` | string | the process that works on the replay |
 * | `replays` | sorted set | remembered replays, by when they were requested |
 * | `replays-running` | set | replays that have work left |
 * | `replay-counts` | hash | replays that have reached each state |
 * | `solitary` | string | lock of the delivery that is processed in isolation |
 * | `shards` | string | number of shards; only below the first shard's prefix |
 * | `api-facts` | hash | what probes of the Botpress API showed, by caller and API; only below the first shard's prefix |
 * | `retention` | hash | result of the last retention sweep |
 * | `statuses:lease` | string | the process that looks up the statuses of events |
 * | `retention:lease` | string | the process that sweeps |
 * | `gate:…` | | the scheduler's keys, listed below |
 */
export const OWN_KEYS = {
  ledger: 'ledger',
  awaiting: 'awaiting:',
  audit: 'audit',
  discarded: 'discarded',
  deadGroup: 'dead:',
  deadGroups: 'dead-groups',
  replay: 'replay:',
  lease: ':lease',
  replays: 'replays',
  replaysRunning: 'replays-running',
  replayCounts: 'replay-counts',
  isolation: 'solitary',
  shards: 'shards',
  apiFacts: 'api-facts',
  scheduler: 'gate:',
} as const;

/**
 * Returns what the scheduler's keys start with. Its scripts build the names from it; all share the queue's hash tag.
 *
 * | Key | Type | Contents |
 * |---|---|---|
 * | `bot:<id>` | hash | tokens and when they were counted, limits, window, pause, virtual time, waiting deliveries |
 * | `lanes:<bot>` | sorted set | the bot's fair queue: connections with waiting deliveries, by virtual time |
 * | `lane:<connection>` | sorted set | the connection's queue: waiting deliveries, by arrival |
 * | `turns:<bot>` | sorted set | deliveries with a permit that have not started, by when they got it |
 * | `turns` | sorted set | the same of all bots, by when the permit is checked next |
 * | `due` | sorted set | bots with a fair queue, by when they may have the next permit |
 * | `connection:<id>` | hash | bot, share, virtual time, failures in a row, hold |
 * | `held` | sorted set | held connections, by when the next probe may be sent |
 * | `window:<workspace>` | hash | calls of a workspace that are paid for, events of the minute and the month |
 */
export function schedulerBase(prefix: string): string {
  return `${prefix}:${OWN_KEYS.scheduler}`;
}

/** Entries of the audit stream; 100,000 take about 15 MB. */
export const AUDIT_LINES = 100_000;

export function auditKey(prefix: string): string {
  return `${prefix}:${OWN_KEYS.audit}`;
}

export const awaitingKey = (base: string, connection: string): string =>
  base + OWN_KEYS.awaiting + connection;

export function isolationKey(prefix: string): string {
  return `${prefix}:${OWN_KEYS.isolation}`;
}

/** @param prefix prefix of the first shard */
export function shardsKey(prefix: string): string {
  return `${prefix}:${OWN_KEYS.shards}`;
}

/** @param prefix prefix of the first shard */
export function apiFactsKey(prefix: string): string {
  return `${prefix}:${OWN_KEYS.apiFacts}`;
}

export const deadGroupKey = (base: string, group: string): string => base + OWN_KEYS.deadGroup + group;
export const replayKey = (base: string, id: string): string => `${base}${OWN_KEYS.replay}${id}`;
export const leaseKey = (base: string, id: string): string => `${replayKey(base, id)}${OWN_KEYS.lease}`;
export const allReplaysKey = (base: string): string => base + OWN_KEYS.replays;
export const runningReplaysKey = (base: string): string => base + OWN_KEYS.replaysRunning;
export const replayCountsKey = (base: string): string => base + OWN_KEYS.replayCounts;
