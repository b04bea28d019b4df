import type { DeadLetterFilter } from '@sluice/queue';
import type { Command } from 'commander';
import { addFilterOptions, type FilterOptions, toFilter } from './dead-letter-filter.ts';
import { UsageError } from './usage-error.ts';

/** Which dead letters something is done to: never all of them by a slip. */
export interface SelectionOptions extends FilterOptions {
  readonly all?: true;
}

/** Adds the options that say which dead letters something is done to. */
export function addSelectionOptions(command: Command): Command {
  return addFilterOptions(command).option('--all', 'whichever they are');
}

/** @throws UsageError if neither a filter nor --all is given */
export function selectionOf(options: SelectionOptions): DeadLetterFilter {
  const filter = toFilter(options);
  if (Object.keys(filter).length > 0 || options.all) return filter;
  throw new UsageError('which ones?  — a filter says it, as --group or --connection, or --all');
}
