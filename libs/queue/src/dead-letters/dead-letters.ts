import type { TransitionContext } from '../bullmq/context.ts';
import { openDeliveryQueue } from '../bullmq/open-queue.ts';
import { readBodies } from '../bullmq/read-bodies.ts';
import type { Operator } from '../scheduler/types.ts';
import { eachShard, type ShardedOptions } from '../sharding/across-shards.ts';
import { discardDeadLetters, type OnProgress, restoreDeadLetters } from './discard.ts';
import type { EditRequest } from './edit.ts';
import { type EditSummary, editDeadLetters, mergeEdits } from './edit.ts';
import type { ExportedDeadLetter } from './export.ts';
import { type ExportOptions, exportDeadLetters } from './export.ts';
import type { DeadLetterFilter } from './filter.ts';
import { type DeadLetterGroup, mergeGroups, readGroups } from './groups.ts';
import { type ImportSummary, importDeadLetters } from './import.ts';
import type { DeadLetterPage, PageRequest } from './search.ts';
import { findInShards } from './search-across-shards.ts';

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

/** Opens the dead letters of all shards; a Redis that is down makes what is asked fail, not wait. */
export function openDeadLetters(options: ShardedOptions): DeadLetters {
  const { all, reached, close } = eachShard(options, openPlace);
  const movings = () => all().map(({ moving }) => moving());
  return {
    reached,
    find: async (filter, page) => findInShards(movings(), filter, page),
    bodies: async (ids) => (await Promise.all(movings().map((moving) => readBodies(moving, ids)))).flat(),
    groups: async () => mergeGroups(await Promise.all(movings().map(readGroups))),
    edit: async (filter, request, onProgress) =>
      mergeEdits(
        await oneByOne(movings(), onProgress, (moving, told) =>
          editDeadLetters(moving, filter, request, told),
        ),
      ),
    discard: async (filter, by, onProgress) =>
      sum(
        await oneByOne(movings(), onProgress, (moving, told) => discardDeadLetters(moving, filter, by, told)),
      ),
    restore: async (filter, by, onProgress) =>
      sum(
        await oneByOne(movings(), onProgress, (moving, told) => restoreDeadLetters(moving, filter, by, told)),
      ),
    async *export(filter, exporting) {
      for (const moving of movings()) yield* exportDeadLetters(moving, filter, exporting);
    },
    import: async (lines, by, onProgress) => importDeadLetters(movings(), lines, by, onProgress),
    close,
  };
}

function openPlace(options: ShardedOptions) {
  const { getOrThrow, redis, reached, close } = openDeliveryQueue(options);
  const moving = (): TransitionContext => {
    const queue = getOrThrow();
    const keyPrefix = queue.toKey('');
    return { redis, base: `${options.prefix}:`, keyPrefix, backend: queue.getBackend(), now: Date.now };
  };
  return { moving, reached, close };
}

/** Changes shard after shard, and tells of all together how far it is. */
async function oneByOne<Result>(
  movings: readonly TransitionContext[],
  onProgress: OnProgress = () => {},
  change: (moving: TransitionContext, onProgress: OnProgress) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let before = 0;
  for (const moving of movings) {
    let here = 0;
    results.push(
      await change(moving, (count) => {
        here = count;
        onProgress(before + here);
      }),
    );
    before += here;
  }
  return results;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
