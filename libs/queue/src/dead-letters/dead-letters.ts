import type { TransitionContext } from '../bullmq/context.ts';
import { readBodies } from '../bullmq/read-bodies.ts';
import type { Operator } from '../scheduler/types.ts';
import { acrossShards, type Shards } from '../sharding/across-shards.ts';
import { discardDeadLetters, type OnProgress, restoreDeadLetters } from './discard.ts';
import { type EditRequest, type EditSummary, editDeadLetters, mergeEdits } from './edit.ts';
import { type ExportedDeadLetter, type ExportOptions, exportDeadLetters } from './export.ts';
import type { DeadLetterFilter } from './filter.ts';
import { type DeadLetterGroup, mergeGroups, readGroups } from './groups.ts';
import { type ImportSummary, importDeadLetters } from './import.ts';
import type { DeadLetterPage, PageRequest } from './search.ts';
import { findAcrossShards } from './search-across-shards.ts';

/** Operations on the dead letters of all shards. */
export interface DeadLetters {
  find(filter: DeadLetterFilter, page: PageRequest): Promise<DeadLetterPage>;
  /** Reads deliveries with their bodies, about a hundred per call. */
  bodies(ids: readonly string[]): ReturnType<typeof readBodies>;
  /** Reads the groups, largest first. */
  groups(): Promise<readonly DeadLetterGroup[]>;
  /** Edits the bodies of the dead letters that match; they stay dead. */
  edit(filter: DeadLetterFilter, request: EditRequest, onProgress?: OnProgress): Promise<EditSummary>;
  /** Discards the dead letters that match and returns how many. Can be undone for a day. */
  discard(filter: DeadLetterFilter, by: Operator, onProgress?: OnProgress): Promise<number>;
  /** Restores the discarded dead letters that match and returns how many. */
  restore(filter: DeadLetterFilter, by: Operator, onProgress?: OnProgress): Promise<number>;
  /** Yields the dead letters that match. An export of exact bodies is recorded in the audit log. */
  export(filter: DeadLetterFilter, options: ExportOptions): AsyncIterable<ExportedDeadLetter>;
  /** Imports the lines of an export. */
  import(
    lines: AsyncIterable<string> | Iterable<string>,
    by: Operator,
    onProgress?: OnProgress,
  ): Promise<ImportSummary>;
}

/** Returns the dead letters of all shards. Every method rejects while Redis is down. */
export function createDeadLetters(shards: Shards): DeadLetters {
  const queues = () => shards.all().map((shard) => shard.contextOrThrow());
  return {
    find: async (filter, page) => findAcrossShards(queues(), filter, page),
    bodies: (ids) =>
      acrossShards(
        shards,
        async (shard) => readBodies(shard.contextOrThrow(), ids),
        (parts) => parts.flat(),
      ),
    groups: () => acrossShards(shards, async (shard) => readGroups(shard.contextOrThrow()), mergeGroups),
    edit: async (filter, request, onProgress) =>
      mergeEdits(
        await oneByOne(queues(), onProgress, (queue, progress) =>
          editDeadLetters(queue, filter, request, progress),
        ),
      ),
    discard: async (filter, by, onProgress) =>
      sum(
        await oneByOne(queues(), onProgress, (queue, progress) =>
          discardDeadLetters(queue, filter, by, progress),
        ),
      ),
    restore: async (filter, by, onProgress) =>
      sum(
        await oneByOne(queues(), onProgress, (queue, progress) =>
          restoreDeadLetters(queue, filter, by, progress),
        ),
      ),
    async *export(filter, options) {
      for (const queue of queues()) yield* exportDeadLetters(queue, filter, options);
    },
    import: async (lines, by, onProgress) => importDeadLetters(queues(), lines, by, onProgress),
  };
}

/** Changes one shard after the other, and reports the progress of all shards together. */
async function oneByOne<Result>(
  queues: readonly TransitionContext[],
  onProgress: OnProgress = () => {},
  change: (queue: TransitionContext, onProgress: OnProgress) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let before = 0;
  for (const queue of queues) {
    let here = 0;
    results.push(
      await change(queue, (count) => {
        here = count;
        onProgress(before + here);
      }),
    );
    before += here;
  }
  return results;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
