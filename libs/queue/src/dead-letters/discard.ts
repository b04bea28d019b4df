import type { TransitionContext } from '../bullmq/context.ts';
import type { Operator } from '../scheduler/types.ts';
import type { DeadLetterFilter } from './filter.ts';
import { deadLetterPages } from './search.ts';

/** Milliseconds in which a discard can be undone; then the retention deletes the discarded dead letters. */
export const RESTORABLE_FOR = 24 * 3_600_000;

/** Called after each step with the number of dead letters so far. */
export type OnProgress = (count: number) => void;

/** Dead letters per script, which takes about 5 ms; other commands run in between. */
const AT_ONCE = 500;

/**
 * Discards the dead letters that match and are dead by now. They are no longer listed or replayed, and are deleted
 * after a day. It may be interrupted at any point and run again.
 *
 * @returns how many
 */
export function discardDeadLetters(
  queue: TransitionContext,
  filter: DeadLetterFilter,
  by: Operator,
  onProgress?: OnProgress,
): Promise<number> {
  const until = Math.min(filter.until ?? Number.POSITIVE_INFINITY, queue.now());
  const selection = { transition: 'discard', among: 'dead', filter: { ...filter, until } } as const;
  return moveAll(queue, selection, by, onProgress);
}

/**
 * Undoes discards: discarded dead letters that match are dead again, unchanged. It may be interrupted at any point and
 * run again.
 *
 * @returns how many
 */
export function restoreDeadLetters(
  queue: TransitionContext,
  filter: DeadLetterFilter,
  by: Operator,
  onProgress?: OnProgress,
): Promise<number> {
  return moveAll(queue, { transition: 'restore', among: 'discarded', filter }, by, onProgress);
}

interface Selection {
  readonly transition: 'discard' | 'restore';
  readonly among: 'dead' | 'discarded';
  readonly filter: DeadLetterFilter;
}

async function moveAll(
  queue: TransitionContext,
  { transition, among, filter }: Selection,
  { who, reason }: Operator,
  onProgress: OnProgress = () => {},
): Promise<number> {
  const note = JSON.stringify({ who, reason, at: queue.now() });
  let moved = 0;
  for await (const letters of deadLetterPages(queue, filter, { limit: AT_ONCE, among })) {
    moved += Number(await queue.backend.transition(transition, [note, ...letters.map(({ id }) => id)]));
    onProgress(moved);
  }
  return moved;
}
