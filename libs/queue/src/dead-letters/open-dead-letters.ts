import type { RedisConnectionOptions } from '../connect-redis.ts';
import type { Operator } from '../gate/gate.ts';
import { AUDIT_LINES, auditKey } from '../gate/gate-keys.ts';
import { openReachableQueue } from '../reachable-queue.ts';
import {
  type DeadLetterFilter,
  type DeadLetterPage,
  findDeadLetters,
  type PageRequest,
} from './find-dead-letters.ts';
import { type DeadLetterGroup, readGroups } from './read-groups.ts';
import { type Replay, replayDeadLetters } from './replay-dead-letters.ts';

/** What an operator may do with dead letters. */
export interface DeadLetters {
  /** Resolves when Redis has been reached; never rejects. What is asked before fails. */
  readonly reached: Promise<void>;
  find(filter: DeadLetterFilter, page: PageRequest): Promise<DeadLetterPage>;
  /** By cause, the most first. */
  groups(): Promise<readonly DeadLetterGroup[]>;
  /** Puts back what fits, and leaves a line in the audit stream before and after. Returns how many there were. */
  replay(replay: Replay, by: Operator): Promise<number>;
  close(): Promise<void>;
}

/** Opens the dead letters; a Redis that is down makes what is asked fail, not wait. */
export function openDeadLetters(options: RedisConnectionOptions & { readonly prefix: string }): DeadLetters {
  const { get, redis, reached, close } = openReachableQueue(options);
  const opened = () => {
    const queue = get();
    if (!queue) throw new Error('Redis has not been reached');
    return queue;
  };
  const place = () => ({ redis, base: `${options.prefix}:`, keyPrefix: opened().toKey('') });
  const tell = (action: string, { who, reason }: Operator, { filter, until }: Replay, count: number) =>
    redis.xadd(
      auditKey(options.prefix),
      ...['MAXLEN', '~', AUDIT_LINES, '*', 'action', action, 'by', 'operator', 'who', who, 'reason', reason],
      ...['filter', JSON.stringify(filter), 'until', until, 'count', count, 'at', Date.now()],
    );
  return {
    reached,
    find: async (filter, page) => findDeadLetters(place(), filter, page),
    groups: async () => readGroups(place()),
    async replay(replay, by) {
      const where = { ...place(), backend: opened().getBackend() };
      await tell('replay', by, replay, 0);
      const count = await replayDeadLetters(where, replay);
      await tell('replayed', by, replay, count);
      return count;
    },
    close,
  };
}
