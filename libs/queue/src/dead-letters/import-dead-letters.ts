import { appendAuditLine } from '../audit/append-audit-line.ts';
import type { Operator } from '../gate/gate.ts';
import type { OnProgress } from './discard-dead-letters.ts';
import { findHomes } from './find-homes.ts';
import { importDeadLetter } from './import-dead-letter.ts';
import type { Moving } from './moving.ts';

/** What became of the lines of an export. */
export interface ImportSummary {
  /** Taken in; there already; there as another delivery. */
  readonly imported: number;
  readonly there: number;
  readonly duplicate: number;
  /** None that can be taken in; the first of them are told. */
  readonly refused: number;
  readonly refusals: readonly { readonly line: number; readonly why: string }[];
}

/** Lines on their way to Redis at once, and characters of theirs: 1 MB of 8 kB each, or a few of 20 MB. */
const AT_ONCE = 100;
const CHARACTERS_AT_ONCE = 8_000_000;

/** Refusals that are told. */
const TOLD = 20;

/**
 * Takes in dead letters that were exported, a line each. It may be cut off anywhere and run again: what is there is
 * left as it is. With several shards each goes to where its connection's deliveries are.
 */
export async function importDeadLetters(
  shards: readonly Moving[],
  lines: AsyncIterable<string> | Iterable<string>,
  { who, reason }: Operator,
  onProgress: OnProgress = () => {},
): Promise<ImportSummary> {
  const counts = { imported: 0, there: 0, duplicate: 0, refused: 0 };
  const refusals: { line: number; why: string }[] = [];
  let read = 0;
  const [first] = shards;
  if (!first) throw new Error('there is no shard');
  const audit = (action: string, about: Record<string, string>) =>
    appendAuditLine(first.redis, `${first.base}audit`, { action, who, reason, about });
  const homeOf = await findHomes(shards, first);
  // Whoever is cut off has begun it all the same.
  await audit('import', {});
  for await (const batch of batchesOf(lines)) {
    const results = await Promise.all(batch.map((line) => importDeadLetter(homeOf, line)));
    for (const [index, result] of results.entries()) {
      counts[result.ok ? result.result : 'refused']++;
      if (!result.ok && refusals.length < TOLD) refusals.push({ line: read + index + 1, why: result.why });
    }
    read += batch.length;
    onProgress(read);
  }
  await audit('imported', { count: String(counts.imported) });
  return { ...counts, refusals };
}

async function* batchesOf(lines: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  let characters = 0;
  for await (const line of lines) {
    batch.push(line);
    characters += line.length;
    if (batch.length < AT_ONCE && characters < CHARACTERS_AT_ONCE) continue;
    yield batch;
    [batch, characters] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}
