import {
  createDeadLetters,
  type DeadLetterFilter,
  DryRun,
  type DryRunResult,
  executeDryRun,
} from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { CONNECTIONS_OPTION, loadConnectionsFile } from '../options/files.ts';
import { addFilterOptions, toFilter } from '../options/filter.ts';
import { parseCount } from '../options/parsers.ts';
import { createProgress, formatCount, oneLine, renderTable } from '../render/format.ts';

interface Options extends DeadLetterFilter {
  readonly connections?: string;
  readonly compare?: string;
  readonly limit?: number;
  readonly sample?: true;
  readonly json?: true;
}

/** Adds `dead-letters dry-run`. */
export function deadLettersDryRunCommand(parent: Command, context: CliContext, end: End): void {
  addFilterOptions(parent.command('dry-run').description('Run the current mappers without sending anything'))
    .option('--limit <count>', 'maximum dead letters, the newest first (default: all)', parseCount)
    .option(...CONNECTIONS_OPTION)
    .option('--compare <path>', 'second connections file, to compare the events of its mappers')
    .option('--sample', 'one payload per event, which may contain personal data')
    .option('--json', 'JSON output')
    .addHelpText(
      'after',
      '\nExits with 1 if a dead letter would fail again. Does not check whether Botpress accepts the events.' +
        REDIS_HELP,
    )
    .action(async (options: Options) => end(await dryRun(options, context)));
}

async function dryRun(options: Options, context: CliContext): Promise<ExitCode> {
  const { file, connections } = await loadConnectionsFile(options.connections);
  const others = options.compare === undefined ? undefined : await loadConnectionsFile(options.compare);
  const run = new DryRun(connections, others?.connections);
  const { limit = Number.POSITIVE_INFINITY, sample = false } = options;
  await withRedis(createDeadLetters, (deadLetters) =>
    executeDryRun(deadLetters, toFilter(options), limit, run, createProgress(context, 'checked')),
  );
  const { result } = run;
  if (options.json) context.out(JSON.stringify(sample ? result : withoutPayloads(result), null, 2));
  else context.out([...render(result, file), ...renderExamples(result, sample, others?.file)].join('\n'));
  return result.fail === 0 ? EXIT.ok : EXIT.failed;
}

function withoutPayloads({ become, ...rest }: DryRunResult): object {
  return {
    ...rest,
    become: become.map(({ event, count, leftOut, linked, changed, example }) => ({
      event,
      count,
      leftOut,
      ...(linked === undefined ? {} : { linked }),
      changed,
      example: example.id,
    })),
  };
}

function render({ succeed, fail, become, die, duties }: DryRunResult, file: string): string[] {
  const events = become.map(({ event, count, leftOut, linked }) => {
    const notes = [
      ...(leftOut > 0 ? [`${formatCount(leftOut)} without the full body: too large`] : []),
      ...(linked === undefined ? [] : [`${formatCount(linked)} linked`]),
    ];
    return `${formatCount(count)} ${event}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
  });
  if (duties > 0) events.push(`${formatCount(duties)} without an event (compliance requests, forwards)`);
  return [
    `Dry run of ${formatCount(succeed + fail)} with the mappers of ${file}. Nothing was sent.`,
    `${formatCount(succeed)} would be sent${events.length > 0 ? `: ${events.join(', ')}` : ''}`,
    `${formatCount(fail)} would fail again${fail > 0 ? ':' : ''}`,
    ...(fail > 0 ? [renderTable(die.map(({ count, ...rest }) => ({ count, ...rest })))] : []),
  ];
}

function renderExamples({ become }: DryRunResult, sample: boolean, other: string | undefined): string[] {
  return [
    ...(other === undefined ? [] : become.flatMap((event) => renderChanges(event, other))),
    ...(sample
      ? become.map(({ example }) => `\n${example.id}\n${JSON.stringify(example.event, null, 2)}`)
      : []),
  ];
}

function renderChanges(
  { event, count, changed, example }: DryRunResult['become'][number],
  other: string,
): string[] {
  const { id, changes = [] } = example;
  if (changed === 0) return [`\n${event}: all ${formatCount(count)} equal those of ${other}`];
  return [
    `\n${event}: ${formatCount(changed)} of ${formatCount(count)} differ from ${other}, for example ${id}:`,
    ...changes.map((change) =>
      oneLine(`  ${change.op} ${change.path}${'value' in change ? ` ${JSON.stringify(change.value)}` : ''}`),
    ),
  ];
}
