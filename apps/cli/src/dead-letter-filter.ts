import { DEAD_REASONS, type DeadLetterFilter, deadLetterFilter, MAX_IDS } from '@sluice/queue';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseMoment, parseStatus, parseTerms } from './filter-values.ts';

/** Which dead letters, as it is written on a command line. */
export interface FilterOptions extends Omit<DeadLetterFilter, 'ids' | 'replay' | 'from' | 'to'> {
  readonly id?: readonly string[];
  readonly putBackBy?: string;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly until?: number;
}

/** Adds the options that say which dead letters: those that fit all of them. */
export function addFilterOptions(command: Command): Command {
  return command
    .addOption(new Option('--id <id...>', 'these only, dlv_…').argParser(parseIds))
    .option('--connection <id>', 'of one connection only')
    .option('--source <source>', 'of one source only, as shopify')
    .option('--topic <topic>', 'of one topic only, as orders/create')
    .option('--event <event>', 'that were to become this event only, as newOrderCreated')
    .addOption(new Option('--reason <reason>', 'that died of this only').choices(DEAD_REASONS))
    .option('--group <group>', 'of one cause only, as dead-letters groups lists them', parseGroup)
    .option('--put-back-by <replay>', 'that this replay put back, and that died again, rpl_…', parseReplay)
    .option('--type <type>', 'with this error type of Botpress only, as InvalidPayload')
    .option('--status <code>', 'with this HTTP status of Botpress only', parseStatus)
    .option(
      '--since <time>',
      'that died since then only: 2h or 3d ago, or like 2026-11-25T03:00Z',
      parseMoment,
    )
    .option('--until <time>', 'that died until then only, written alike', parseMoment)
    .option(
      '--text <text>',
      'with this text in the message or an issue only, in upper or lower case',
      parseText,
    )
    .option(
      '--having <name=value>',
      'with this value in the payload only: order_id=1042, customer.email=…; may be repeated',
      parseTerms,
    );
}

/** Turns the options into the filter that they mean. */
export function toFilter(options: FilterOptions): DeadLetterFilter {
  const { id, connection, source, topic, event, reason, group, type, status, text, having } = options;
  const filter = {
    ...{ ids: id, connection, source, topic, event, reason, group, type, status },
    ...{ replay: options.putBackBy, from: options.since, to: options.until, text, having },
  };
  return Object.fromEntries(Object.entries(filter).filter(([, wanted]) => wanted !== undefined));
}

const fits = (filter: DeadLetterFilter) => deadLetterFilter.safeParse(filter).success;

function parseGroup(group: string): string {
  if (fits({ group })) return group;
  throw new InvalidArgumentError('Expected 16 hex digits, or other.');
}

function parseReplay(replay: string): string {
  if (fits({ replay })) return replay;
  throw new InvalidArgumentError('Expected the id of a replay, rpl_…');
}

function parseIds(id: string, before: readonly string[] = []): readonly string[] {
  if (!fits({ ids: [id] })) throw new InvalidArgumentError('Expected ids of deliveries, dlv_…');
  if (before.length >= MAX_IDS) throw new InvalidArgumentError(`Expected at most ${MAX_IDS} ids.`);
  return [...before, id];
}

function parseText(text: string): string {
  if (fits({ text })) return text;
  throw new InvalidArgumentError('Expected 1 to 200 characters.');
}
