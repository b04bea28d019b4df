import type { Argument, Command, Option } from 'commander';
import { createProgram } from './cli.ts';
import { REDIS_HELP } from './client/redis.ts';
import type { CliContext } from './context.ts';
import { FILTER_GROUP } from './options/filter.ts';

const INTRODUCTION = `# Command line

<!-- Generated from the command definitions in apps/cli/src. Run: npm run docs -w apps/cli -->

\`sluice\` operates Sluice. In a checkout, run it with \`npm run sluice --\`. \`sluice <command> --help\` prints
the options of a command.

All commands except \`send\` and \`connections check\` connect to Redis at \`REDIS_URL\` with the key prefix
\`SLUICE_QUEUE_PREFIX\` ([configuration](configuration.md)). Changes are recorded in the audit log with the user and
host of the operator and the text of \`--note\`.

## Exit codes

| Code | Meaning |
|---|---|
| 0 | Success. |
| 1 | Failure, for example Redis is unavailable, a delivery failed again, or the ledger does not balance. |
| 2 | Invalid usage: unknown command or option, missing or invalid value, no selection. Nothing was changed. |

## Filter options

Options of all commands that select dead letters. A dead letter matches if it matches every option. Commands that
change dead letters require at least one of these options or \`--all\`.`;

/** Renders docs/reference/cli.md. */
export function renderCliReference(): string {
  const program = createProgram(NO_CONTEXT, () => {});
  const leaves = findLeaves(program);
  const filter = leaves
    .map(filterOptions)
    .reduce((longest, options) => (options.length > longest.length ? options : longest));
  const sections = program.commands.flatMap((command) =>
    command.commands.length > 0
      ? [
          `## ${command.name()}`,
          `${command.description()}.`,
          ...command.commands.map((leaf) => renderCommand(leaf, '###')),
        ]
      : [renderCommand(command, '##')],
  );
  return `${[INTRODUCTION, renderOptions(filter), ...sections].join('\n\n')}\n`;
}

/** The commands are not run. */
const NO_CONTEXT: CliContext = {
  out: () => {},
  err: () => {},
  write: async () => {},
  readLines: async function* () {},
  clock: { now: () => 0, delay: async () => {} },
};

function findLeaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(findLeaves);
}

const isFilter = (option: Option) => option.helpGroupHeading === FILTER_GROUP;
const filterOptions = (command: Command) => command.options.filter(isFilter);

function renderCommand(command: Command, heading: string): string {
  const name = [command.parent?.parent && command.parent.name(), command.name()].filter(Boolean).join(' ');
  const options = command.options.filter((option) => !isFilter(option));
  const notes = helpNotes(command);
  return [
    `${heading} ${name}`,
    `${command.description()}.`,
    `\`sluice ${name} ${command.usage().replace(/^\[options\] ?(.+)$/, '$1 [options]')}\``,
    ...(notes ? [notes] : []),
    ...(command.registeredArguments.length > 0 ? [renderArguments(command.registeredArguments)] : []),
    ...(filterOptions(command).length > 0 ? [renderFilterNote(command)] : []),
    ...(options.length > 0 ? [renderOptions(options)] : []),
  ].join('\n\n');
}

/** Returns the text after the help of a command, without the note about Redis, which the introduction has. */
function helpNotes(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  const notes = text.slice(command.helpInformation().length);
  return notes.replace(REDIS_HELP, '').trim().replaceAll('\n', ' ');
}

function renderFilterNote(command: Command): string {
  return filterOptions(command).some(({ long }) => long === '--all')
    ? 'Requires a [filter option](#filter-options) or `--all`.'
    : 'Accepts the [filter options](#filter-options).';
}

function renderArguments(args: readonly Argument[]): string {
  const rows = args.map((argument) => `| \`${argument.name()}\` | ${argument.description} |`);
  return ['| Argument | Meaning |', '|---|---|', ...rows].join('\n');
}

function renderOptions(options: readonly Option[]): string {
  return ['| Option | Default | Meaning |', '|---|---|---|', ...options.map(renderOption)].join('\n');
}

function renderOption({ flags, description, defaultValue, mandatory, argChoices }: Option): string {
  const fallback = defaultValue === undefined ? '' : `\`${defaultValue}\``;
  const choices = argChoices ? `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}` : '';
  return `| \`${flags}\` | ${mandatory ? 'required' : fallback} | ${description}${choices} |`;
}
