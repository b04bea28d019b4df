import { z } from 'zod';
import { type Random, seededRandom } from './clock-and-ids.ts';

/** Fields of a fault or rule that select some of the calls it matches. */
export const selectionFields = {
  /** Maximum number of hits. */
  times: z.int().min(1).optional(),
  /** Selects the n-th, 2n-th, … matching call. */
  every: z.int().min(1).default(1),
  /** Probability that a matching call is selected. */
  probability: z.number().gt(0).max(1).default(1),
  /** Seed of the random numbers: the same seed selects the same calls. */
  seed: z.int().default(1),
};

interface SelectionSettings {
  readonly times?: number | undefined;
  readonly every: number;
  readonly probability: number;
  readonly seed: number;
}

/** Selects calls and counts the selected ones. */
export interface Selection {
  readonly hits: number;
  /** Returns whether a matching call is selected. */
  select(): boolean;
}

/** Creates the selection of one fault or rule. */
export function createSelection({ times, every, probability, seed }: SelectionSettings): Selection {
  const random: Random = seededRandom(seed);
  let matched = 0;
  let hits = 0;
  return {
    get hits() {
      return hits;
    },
    select() {
      if (times !== undefined && hits >= times) return false;
      matched++;
      if (matched % every !== 0) return false;
      if (probability < 1 && random() >= probability) return false;
      hits++;
      return true;
    },
  };
}
