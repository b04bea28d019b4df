import { type DeadLetterFilter, deadLetterFilter } from '@sluice/queue';
import { z } from 'zod';

/** All of them have to be asked for by name: a filter that was lost on the way must not mean everything. */
const chosen = deadLetterFilter.refine((filter) => Object.keys(filter).length > 0, {
  error: 'is empty; for all dead letters send "all": true instead',
});

/** A body that says which dead letters, by a filter or all of them, and what else `shape` has. */
export function selecting<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.union([
    z.strictObject({ filter: chosen, ...shape }),
    z.strictObject({ all: z.literal(true), ...shape }),
  ]);
}

export function selected(
  body: { readonly filter: DeadLetterFilter } | { readonly all: true },
): DeadLetterFilter {
  return 'filter' in body ? body.filter : {};
}
