import { DEAD_REASONS, type DeadLetterFilter, type DeadReason } from '@sluice/queue';
import { type Command, Option } from 'commander';

/** Which dead letters, as it is written on a command line. */
export interface FilterOptions {
  readonly connection?: string;
  readonly reason?: DeadReason;
}

/** Adds the options that say which dead letters. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--connection <id>', 'of one connection only')
    .addOption(new Option('--reason <reason>', 'that died of this only').choices(DEAD_REASONS));
}

export function toFilter({ connection, reason }: FilterOptions): DeadLetterFilter {
  return { ...(connection === undefined ? {} : { connection }), ...(reason === undefined ? {} : { reason }) };
}
