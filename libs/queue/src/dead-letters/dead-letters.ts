import type { TransitionContext } from '../bullmq/context.ts';
import { readBodies } from '../bullmq/read-bodies.ts';
import type { Operator } from '../scheduler/types.ts';
import { acrossShards, type Shards } from '../sharding/across-shards.ts';
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
}

/** Returns the dead letters of all shards. Every method rejects while Redis is down. */
export function createDeadLetters(shards: Shards): DeadLetters {
  const movings = () => shards.all().map((shard) => shard.contextOrThrow());
  return {
    find: async (filter, page) => findInShards(movings(), filter, page),
    bodies: (ids) =>
      acrossShards(
        shards,
        async (shard) => readBodies(shard.contextOrThrow(), ids),
        (parts) => parts.flat(),
      ),
    groups: () => acrossShards(shards, async (shard) => readGroups(shard.contextOrThrow()), mergeGroups),
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
  };
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
