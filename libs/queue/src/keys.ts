import { QUEUE_NAME } from './bullmq/layout.ts';

/**
 * Where the gate keeps what it knows. Its scripts make the names of their keys from the base, which shares
 * its hash tag with the queue:
 *
 * | `bot:<id>` | hash | tokens and when they were counted, limits, pause, virtual time, deliveries in line |
 * | `lanes:<bot>` | sorted set | the bot's connections in line, by virtual time |
 * | `lane:<connection>` | sorted set | its waiting deliveries, by arrival |
 * | `turns:<bot>` | sorted set | deliveries that have a turn and have not begun, by when they got it |
 * | `turns` | sorted set | the same of all bots, by when to look what became of them |
 * | `due` | sorted set | bots with lanes, by when they may have a turn to give |
 * | `connection:<id>` | hash | bot, share, virtual time, refusals, hold |
 * | `held` | sorted set | held connections, by when to look for a probe |
 *
 * On the job of a delivery: `sl:began` (when an attempt began that may have created an event), `sl:lane` (its
 * place in the lane), `sl:turn` (if it has a turn), `sl:priority` (what its turn replaced), `sl:replay` (it was dead).
 */
export function gateBase(prefix: string): string {
  return `${prefix}:gate:`;
}

/** Lines of the audit stream; 100,000 of them have some 15 MB. */
export const AUDIT_LINES = 100_000;

/** The stream of what operators did, and of holds. */
export function auditKey(prefix: string): string {
  return `${prefix}:audit`;
}

/** The hash of a delivery, which is BullMQ's. */
export function jobKey(prefix: string, deliveryId: string): string {
  return `${prefix}:${QUEUE_NAME}:${deliveryId}`;
}

/**
 * Where replays are kept, below `{prefix}:`
 *
 * | `replay:<id>` | hash | what was asked for, its state, and what became of the dead letters it put back |
 * | `replay:<id>:lease` | string | of the process that does the work now |
 * | `replays` | sorted set | all that are remembered, by when they were asked for |
 * | `replays-running` | set | those that work is to be done for |
 * | `replay-counts` | hash | how many replays have come to each state so far |
 *
 * On the job of a delivery: `sl:replay`, the replay that put it back.
 */
export const replayKey = (base: string, id: string): string => `${base}replay:${id}`;
export const leaseKey = (base: string, id: string): string => `${base}replay:${id}:lease`;
export const allReplaysKey = (base: string): string => `${base}replays`;
export const runningReplaysKey = (base: string): string => `${base}replays-running`;
export const replayCountsKey = (base: string): string => `${base}replay-counts`;
