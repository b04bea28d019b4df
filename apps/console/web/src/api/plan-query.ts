import type { Filter } from '../view/filter.ts';
import type { ReplayPlan } from './answers.ts';
import { ask } from './ask.ts';

/** How many a minute at most; empty: as many as there are. */
export interface Rate {
  readonly perMinute?: number;
}

/** Asks which dead letters fit, and how long it takes to put them back. */
export function planQuery(filter: Filter, rate: Rate = {}) {
  return {
    queryKey: ['plan', filter, rate],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
      ask<ReplayPlan>('/replays/plan', { method: 'POST', body: { filter, ...rate }, signal }),
  };
}
