import { type LuaConstants, luaNames } from '../redis/scripts.ts';
import { QUEUE_KEYS, type QueueKey } from './layout.ts';

/** The keys and arguments of a script, in order. */
interface ScriptLayout {
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

const ADD_ARGS = ['packed', 'data', 'packedOptions'] as const;

/**
 * Keys and arguments of the BullMQ scripts that Sluice extends, in BullMQ's order. Names in `QUEUE_KEYS` mean that
 * key; `contract.test.ts` compares the rest with what BullMQ sends. In Lua: `KEY_JOB`, `ARG_ID`, …
 */
export const BULLMQ_SCRIPTS = {
  addStandardJob: {
    keys: [...['wait', 'paused', 'meta', 'id', 'completed', 'delayed'], ...['active', 'events', 'marker']],
    args: ADD_ARGS,
  },
  addPrioritizedJob: {
    keys: [
      ...['marker', 'meta', 'id', 'prioritized', 'delayed', 'completed'],
      ...['active', 'events', 'priorityCounter'],
    ],
    args: ADD_ARGS,
  },
  addDelayedJob: {
    keys: ['marker', 'meta', 'id', 'delayed', 'completed', 'events'],
    args: ADD_ARGS,
  },
  moveToFinished: {
    keys: [
      ...['wait', 'active', 'prioritized', 'events', 'stalled', 'limiter', 'delayed', 'paused', 'meta'],
      ...['priorityCounter', 'finished', 'job', 'metrics', 'marker'],
    ],
    args: [
      ...['id', 'timestamp', 'field', 'value', 'target', 'fetchNext', 'keyPrefix', 'packedOptions'],
      'fieldsToUpdate',
    ],
  },
  moveToDelayed: {
    keys: [
      ...['marker', 'active', 'prioritized', 'delayed', 'job', 'events', 'meta', 'stalled', 'wait'],
      ...['limiter', 'priorityCounter'],
    ],
    args: [
      ...['keyPrefix', 'timestamp', 'id', 'lock', 'delay', 'skipAttempt', 'fieldsToUpdate', 'fetchNext'],
      'packedOptions',
    ],
  },
  promote: {
    keys: [
      ...['delayed', 'wait', 'paused', 'meta', 'prioritized', 'active', 'priorityCounter', 'events'],
      'marker',
    ],
    args: ['keyPrefix', 'id'],
  },
  reprocessJob: {
    keys: ['job', 'events', 'failed', 'wait', 'meta', 'active', 'marker', 'prioritized', 'priorityCounter'],
    args: ['id', 'push', 'field', 'state', 'resetAttemptsMade', 'resetAttemptsStarted'],
  },
  removeJob: {
    keys: ['job', 'repeat'],
    args: ['id', 'removeChildren', 'keyPrefix'],
  },
} as const satisfies Readonly<Record<string, ScriptLayout>>;

export type BullmqScript = keyof typeof BULLMQ_SCRIPTS;

/** Positions in the argument `packed` of the scripts that add a job. In Lua: `PACKED_ID`, … */
export const PACKED = {
  keyPrefix: 1,
  id: 2,
  name: 3,
  timestamp: 4,
  deduplicationKey: 9,
} as const;

/** Names the positions of a BullMQ script's keys and arguments, and of Sluice's that follow them. */
export function positionsOf(
  script: BullmqScript,
  own: { readonly keys: readonly string[]; readonly args: readonly string[] },
): LuaConstants {
  const { keys, args }: ScriptLayout = BULLMQ_SCRIPTS[script];
  return {
    ...luaNames('KEY', positions([...keys, ...own.keys])),
    ...luaNames('ARG', positions([...args, ...own.args])),
  };
}

function positions(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index + 1]));
}

/**
 * Returns the keys of a BullMQ script, in its order.
 *
 * @param keyPrefix prefix of the queue's keys
 * @param others ids of the keys that are not in `QUEUE_KEYS`
 */
export function keysOf(
  script: BullmqScript,
  keyPrefix: string,
  others: Readonly<Record<string, string>> = {},
): string[] {
  const { keys }: ScriptLayout = BULLMQ_SCRIPTS[script];
  return keys.map((name) => keyPrefix + (others[name] ?? QUEUE_KEYS[name as QueueKey]));
}

/** Returns the index, from 0, of an argument among all keys and arguments that BullMQ passes. */
export function indexOfArgument(script: BullmqScript, name: string): number {
  const { keys, args }: ScriptLayout = BULLMQ_SCRIPTS[script];
  return keys.length + args.indexOf(name);
}
