import { DEAD_REASONS, type DeadLetterFilter, deadLetterFilter, MAX_IDS } from '@sluice/queue';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { parseMoment, parseStatus, parseTerms } from './parsers.ts';

/** Heading of the filter options in the help of a command. */
export const FILTER_GROUP = 'Filter options:';

/** A filter as options of a command line. */
export interface FilterOptions extends Omit<DeadLetterFilter, 'ids' | 'from' | 'to'> {
  readonly id?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly until?: number;
}

/** Options of a command that changes dead letters: a filter, or all. */
export interface SelectionOptions extends FilterOptions {
  readonly all?: true;
}

/** Adds the filter options. A dead letter matches if it matches every option. */
export function addFilterOptions(command: Command): Command {
  const options = [
    new Option('--id <id...>', 'delivery ids (dlv_…)').argParser(parseIds),
    new Option('--connection <id>', 'connection'),
    new Option('--source <source>', 'source, for example shopify'),
    new Option('--topic <topic>', 'topic, for example orders/create'),
    new Option('--event <event>', 'event, for example newOrderCreated'),
    new Option('--reason <reason>', 'reason of the failure').choices(DEAD_REASONS),
    new Option('--group <group>', 'failure group, as listed by dead-letters groups').argParser(parseGroup),
    new Option('--replay <id>', 'failed again after this replay (rpl_…)').argParser(parseReplay),
    new Option('--type <type>', 'error type from Botpress, for example InvalidPayload'),
    new Option('--status <code>', 'HTTP status from Botpress').argParser(parseStatus),
    new Option(
      '--since <time>',
      'earliest time of failure: an age (2h, 3d) or a time (2026-11-25T03:00Z)',
    ).argParser(parseMoment),
    new Option('--until <time>', 'latest time of failure, in the same formats').argParser(parseMoment),
    new Option('--text <text>', 'text in the message or an issue, case-insensitive').argParser(parseText),
    new Option(
      '--having <name=value>',
      'payload value, for example order_id=1042 or customer.email=…; repeatable',
    ).argParser(parseTerms),
  ];
  for (const option of options) command.addOption(option.helpGroup(FILTER_GROUP));
  return command;
}

/** Adds the filter options and --all. */
export function addSelectionOptions(command: Command): Command {
  return addFilterOptions(command).addOption(
    new Option('--all', 'all dead letters, instead of a filter').helpGroup(FILTER_GROUP),
  );
}

/** Converts options to a filter. */
export function toFilter(options: FilterOptions): DeadLetterFilter {
  const { id, connection, source, topic, event, reason, group, replay, type, status, text, having } = options;
  const filter = {
    ...{ ids: id, connection, source, topic, event, reason, group, replay, type, status },
    ...{ from: options.since, to: options.until, text, having },
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

/**
 * Converts options to a filter.
 *
 * @throws UsageError if there is neither a filter nor --all
 */
export function toSelection(options: SelectionOptions): DeadLetterFilter {
  const filter = toFilter(options);
  if (Object.keys(filter).length > 0 || options.all) return filter;
  throw new UsageError('No selection. Pass a filter (for example --group or --connection) or --all.');
}

const isValid = (filter: DeadLetterFilter) => deadLetterFilter.safeParse(filter).success;

function parseGroup(group: string): string {
  if (isValid({ group })) return group;
  throw new InvalidArgumentError('Expected 16 hex digits, or other.');
}

function parseReplay(replay: string): string {
  if (isValid({ replay })) return replay;
  throw new InvalidArgumentError('Expected a replay id (rpl_…).');
}

function parseIds(id: string, before: readonly string[] = []): readonly string[] {
  if (!isValid({ ids: [id] })) throw new InvalidArgumentError('Expected delivery ids (dlv_…).');
  if (before.length >= MAX_IDS) throw new InvalidArgumentError(`Expected at most ${MAX_IDS} ids.`);
  return [...before, id];
}

function parseText(text: string): string {
  if (isValid({ text })) return text;
  throw new InvalidArgumentError('Expected 1 to 200 characters.');
}
