import { type EditSummary, REFUSALS_TOLD } from './edit-dead-letters.ts';

/** Puts what became of an edit in each shard together. */
export function mergeEdits(parts: readonly EditSummary[]): EditSummary {
  return {
    edited: parts.flatMap(({ edited }) => edited),
    refused: parts.reduce((total, { refused }) => total + refused, 0),
    refusals: parts.flatMap(({ refusals }) => refusals).slice(0, REFUSALS_TOLD),
  };
}
