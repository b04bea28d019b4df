import type { RedisConnectionOptions } from '../connect-redis.ts';
import type { Operator } from '../gate/gate.ts';
import { openReachableQueue } from '../reachable-queue.ts';
import { readBodies } from '../read-bodies.ts';
import { discardDeadLetters, type OnProgress, restoreDeadLetters } from './discard-dead-letters.ts';
import type { EditRequest } from './edit-dead-letter.ts';
import { type EditSummary, editDeadLetters } from './edit-dead-letters.ts';
import { type ExportOptions, exportDeadLetters } from './export-dead-letters.ts';
import type { ExportedDeadLetter } from './exported-dead-letter.ts';
import type { DeadLetterFilter } from './filter-schema.ts';
import { type DeadLetterPage, findDeadLetters, type PageRequest } from './find-dead-letters.ts';
import { type ImportSummary, importDeadLetters } from './import-dead-letters.ts';
import { type DeadLetterGroup, readGroups } from './read-groups.ts';

/** What an operator may ask of dead letters, and do to them. */
export interface DeadLetters {
  /** Resolves when Redis has been reached; never rejects. What is asked before fails. */
  readonly reached: Promise<void>;
  find(filter: DeadLetterFilter, page: PageRequest): Promise<DeadLetterPage>;
  /** The deliveries themselves, with their bodies: a hundred or so at once. */
  bodies(ids: readonly string[]): ReturnType<typeof readBodies>;
  /** By cause, the most first. */
  groups(): Promise<readonly DeadLetterGroup[]>;
  /** Edits the bodies of what fits, which stays dead. */
  edit(filter: DeadLetterFilter, request: EditRequest, onProgress?: OnProgress): Promise<EditSummary>;
  /** Discards what fits; returns how many. It can be undone for a day. */
  discard(filter: DeadLetterFilter, by: Operator, onProgress?: OnProgress): Promise<number>;
  /** Undoes discards of what fits; returns how many. */
  restore(filter: DeadLetterFilter, by: Operator, onProgress?: OnProgress): Promise<number>;
  /** Reads what fits, one after the other. Who takes bodies that are not redacted is told in the audit stream. */
  export(filter: DeadLetterFilter, options: ExportOptions): AsyncIterable<ExportedDeadLetter>;
  /** Takes the lines of an export in. */
  import(
    lines: AsyncIterable<string> | Iterable<string>,
    by: Operator,
    onProgress?: OnProgress,
  ): Promise<ImportSummary>;
  close(): Promise<void>;
}

/** Opens the dead letters; a Redis that is down makes what is asked fail, not wait. */
export function openDeadLetters(options: RedisConnectionOptions & { readonly prefix: string }): DeadLetters {
  const { getOrThrow, redis, reached, close } = openReachableQueue(options);
  const moving = () => {
    const queue = getOrThrow();
    const keyPrefix = queue.toKey('');
    return { redis, base: `${options.prefix}:`, keyPrefix, backend: queue.getBackend(), now: Date.now };
  };
  return {
    reached,
    find: async (filter, page) => findDeadLetters(moving(), filter, page),
    bodies: async (ids) => readBodies(moving(), ids),
    groups: async () => readGroups(moving()),
    edit: async (filter, request, onProgress) => editDeadLetters(moving(), filter, request, onProgress),
    discard: async (filter, by, onProgress) => discardDeadLetters(moving(), filter, by, onProgress),
    restore: async (filter, by, onProgress) => restoreDeadLetters(moving(), filter, by, onProgress),
    export: (filter, exporting) => exportDeadLetters(moving(), filter, exporting),
    import: async (lines, by, onProgress) => importDeadLetters(moving(), lines, by, onProgress),
    close,
  };
}
