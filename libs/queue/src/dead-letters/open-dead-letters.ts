import type { RedisConnectionOptions } from '../connect-redis.ts';
import { openReachableQueue } from '../reachable-queue.ts';
import { readBodies } from '../read-bodies.ts';
import type { DeadLetterFilter } from './filter-schema.ts';
import { type DeadLetterPage, findDeadLetters, type PageRequest } from './find-dead-letters.ts';
import { type DeadLetterGroup, readGroups } from './read-groups.ts';

/** What an operator may ask of dead letters. */
export interface DeadLetters {
  /** Resolves when Redis has been reached; never rejects. What is asked before fails. */
  readonly reached: Promise<void>;
  find(filter: DeadLetterFilter, page: PageRequest): Promise<DeadLetterPage>;
  /** The deliveries themselves, with their bodies: a hundred or so at once. */
  bodies(ids: readonly string[]): ReturnType<typeof readBodies>;
  /** By cause, the most first. */
  groups(): Promise<readonly DeadLetterGroup[]>;
  close(): Promise<void>;
}

/** Opens the dead letters; a Redis that is down makes what is asked fail, not wait. */
export function openDeadLetters(options: RedisConnectionOptions & { readonly prefix: string }): DeadLetters {
  const { getOrThrow, redis, reached, close } = openReachableQueue(options);
  const place = () => ({ redis, base: `${options.prefix}:`, keyPrefix: getOrThrow().toKey('') });
  return {
    reached,
    find: async (filter, page) => findDeadLetters(place(), filter, page),
    bodies: async (ids) => readBodies(place(), ids),
    groups: async () => readGroups(place()),
    close,
  };
}
