import type { Issue } from '@sluice/events';
import type { OnProgress } from './discard-dead-letters.ts';
import { type EditRequest, editDeadLetter } from './edit-dead-letter.ts';
import type { DeadLetterFilter } from './filter-schema.ts';
import type { Moving } from './moving.ts';
import { pagesOfDeadLetters } from './pages-of-dead-letters.ts';

/** What became of an edit of many. */
export interface EditSummary {
  /** Ids of those that were edited, or could be. */
  readonly edited: readonly string[];
  readonly refused: number;
  /** Why the first of those were. */
  readonly refusals: readonly EditRefusal[];
}

interface EditRefusal {
  readonly id: string;
  readonly why: string;
  /** What does not fit in the changed body, if that is why. */
  readonly issues?: readonly Issue[];
}

/** Ids a round trip. */
const PAGE = 100;

export const REFUSALS_TOLD = 10;

/**
 * Edits all dead letters that fit, one after the other, each as `editDeadLetter` does. It may be cut off and run again
 * if the change can be made twice.
 */
export async function editDeadLetters(
  moving: Moving,
  filter: DeadLetterFilter,
  request: EditRequest,
  onProgress: OnProgress = () => {},
): Promise<EditSummary> {
  const edited: string[] = [];
  const refusals: EditRefusal[] = [];
  let refused = 0;
  for await (const letters of pagesOfDeadLetters(moving, filter, { limit: PAGE, among: 'dead' })) {
    for (const { id } of letters) {
      const result = await editDeadLetter(moving, id, request);
      if (result.ok) {
        edited.push(id);
        continue;
      }
      refused++;
      const { why, issues } = result;
      if (refusals.length < REFUSALS_TOLD) refusals.push({ id, why, ...(issues ? { issues } : {}) });
    }
    onProgress(edited.length + refused);
  }
  return { edited, refused, refusals };
}
