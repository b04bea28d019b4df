import type { TransitionContext } from '../bullmq/context.ts';
import type { Operator } from '../scheduler/types.ts';
import type { DeadLetterFilter } from './filter.ts';
import { deadLetterPages } from './search.ts';

/** Milliseconds for which a discard can be undone; then the retention deletes what was discarded. */
export const UNDOABLE_FOR = 24 * 3_600_000;

/** Told after each step how many there were so far. */
export type OnProgress = (count: number) => void;

/** Moved in one script, between which others get on: some 5 ms. */
const AT_ONCE = 500;

/**
 * Discards the dead letters that fit and are dead by now: they are neither listed nor replayed any more, and are gone
 * for good in a day. It may be cut off anywhere and run again.
 *
 * @returns how many
 */
export function discardDeadLetters(
  moving: TransitionContext,
  filter: DeadLetterFilter,
  by: Operator,
  onProgress?: OnProgress,
): Promise<number> {
  const until = Math.min(filter.until ?? Number.POSITIVE_INFINITY, moving.now());
  return moveAll(moving, { move: 'discard', among: 'dead', filter: { ...filter, until } }, by, onProgress);
}

/**
 * Undoes discards: what fits and was discarded is dead again, as it was. It may be cut off anywhere and run again.
 *
 * @returns how many
 */
export function restoreDeadLetters(
  moving: TransitionContext,
  filter: DeadLetterFilter,
  by: Operator,
  onProgress?: OnProgress,
): Promise<number> {
  return moveAll(moving, { move: 'restore', among: 'discarded', filter }, by, onProgress);
}

interface Selection {
  readonly move: 'discard' | 'restore';
  readonly among: 'dead' | 'discarded';
  readonly filter: DeadLetterFilter;
}

async function moveAll(
  moving: TransitionContext,
  { move, among, filter }: Selection,
  { who, reason }: Operator,
  onProgress: OnProgress = () => {},
): Promise<number> {
  const note = JSON.stringify({ who, reason, at: moving.now() });
  let moved = 0;
  for await (const letters of deadLetterPages(moving, filter, { limit: AT_ONCE, among })) {
    moved += Number(await moving.backend.transition(move, [note, ...letters.map(({ id }) => id)]));
    onProgress(moved);
  }
  return moved;
}
