import { DEAD_REASONS, type DeadLetterFilter, type DeadReason } from '@sluice/queue';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** Which dead letters, as it is written on a command line. */
export interface FilterOptions {
  readonly connection?: string;
  readonly reason?: DeadReason;
  readonly group?: string;
}

/** Adds the options that say which dead letters. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--connection <id>', 'of one connection only')
    .addOption(new Option('--reason <reason>', 'that died of this only').choices(DEAD_REASONS))
    .option('--group <group>', 'of one cause only, as dead-letters groups lists them', parseGroup);
}

export function toFilter({ connection, reason, group }: FilterOptions): DeadLetterFilter {
  return {
    ...(connection === undefined ? {} : { connection }),
    ...(reason === undefined ? {} : { reason }),
    ...(group === undefined ? {} : { group }),
  };
}

function parseGroup(text: string): string {
  if (/^(?:[0-9a-f]{16}|other)$/.test(text)) return text;
  throw new InvalidArgumentError('Expected 16 hex digits, or other.');
}
