import {
  choicesOf,
  type DeadLetterFilter,
  deadLetterFilter,
  FILTER_NAMES,
  type FilterName,
  filterField,
  filterFromTexts,
  maxValuesOf,
  type PayloadTerm,
} from '@sluice/queue';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { parseMoment, parseTerms } from './parsers.ts';

/** Heading of the filter options in the help of a command. */
export const FILTER_GROUP = 'Filter options:';

/** Options of a command that changes dead letters: a filter, or all. */
export interface SelectionOptions extends DeadLetterFilter {
  readonly all?: true;
}

/** Adds an option for each field of the filter. A dead letter matches if it matches every option. */
export function addFilterOptions(command: Command): Command {
  for (const name of FILTER_NAMES) command.addOption(optionOf(name).helpGroup(FILTER_GROUP));
  return command;
}

function optionOf(name: FilterName): Option {
  const { argument, help, example } = filterField(name);
  const choices = choicesOf(name);
  const flags = `--${name} <${argument}>`;
  if (choices) return new Option(flags, help).choices(choices);
  const more = maxValuesOf(name) === undefined ? '' : ' (repeatable)';
  return new Option(flags, `${help}, for example ${example}${more}`).argParser(parserOf(name));
}

type Parser = (text: string, before: unknown) => unknown;

/** Parsers of values that people write in another form than the API. */
const PARSERS: Readonly<Record<string, Parser>> = {
  moment: (text) => parseMoment(text),
  term: (text, before) => parseTerms(text, before as readonly PayloadTerm[] | undefined),
};

function parserOf(name: FilterName): Parser {
  const isList = maxValuesOf(name) !== undefined;
  return (
    PARSERS[filterField(name).kind] ??
    ((text, before = []) => {
      const value = filterFromTexts((field) => (field === name ? [text] : []))[name];
      const read = deadLetterFilter.safeParse({ [name]: isList ? [before, value].flat() : value });
      if (read.success) return read.data[name];
      throw new InvalidArgumentError(read.error.issues[0]?.message ?? '');
    })
  );
}

/** Adds the filter options and --all. */
export function addSelectionOptions(command: Command): Command {
  return addFilterOptions(command).addOption(
    new Option('--all', 'all dead letters, instead of a filter').helpGroup(FILTER_GROUP),
  );
}

/** Returns the filter among the options of a command. */
export function toFilter(options: DeadLetterFilter): DeadLetterFilter {
  const given = FILTER_NAMES.filter((name) => options[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, options[name]]));
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
