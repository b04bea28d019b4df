import { readRedisSettings } from '@sluice/config';
import {
  DryRun,
  type DryRunResult,
  executeDryRun,
  openDeadLetters,
  type PreviewedEvent,
} from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { addFilterOptions, type FilterOptions, toFilter } from '../dead-letter-filter.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { CONNECTIONS_OPTION, loadConnectionsOf } from '../load-connections-of.ts';
import { parseCount } from '../option-values.ts';
import { orAway } from '../or-away.ts';
import { figure, oneLine } from '../printed.ts';
import { createProgress } from '../progress.ts';
import { renderTable } from '../render-table.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options extends FilterOptions {
  readonly connections?: string;
  readonly compare?: string;
  readonly limit?: number;
  readonly sample?: true;
  readonly json?: true;
}

/** Adds `dead-letters try`: what today's mappers would make of what is dead. */
export function deadLettersTryCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  addFilterOptions(
    parent.command('try').description('runs today’s mappers over dead letters, and sends nothing'),
  )
    .option('--limit <count>', 'the newest so many only', parseCount)
    .option(...CONNECTIONS_OPTION)
    .option('--compare <path>', 'another such file: print how what its mappers make differs, by an example')
    .option('--sample', 'print a payload of each event, which may name people')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nEnds with 1 if some would die again. Whether Botpress takes the events is not tried.${ASKED}`,
    )
    .action(async (options: Options) => end(await orAway(() => tryOut(options, surroundings), surroundings)));
}

async function tryOut(options: Options, surroundings: Surroundings): Promise<ExitCode> {
  const { out } = surroundings;
  const { file, connections } = await loadConnectionsOf(options.connections);
  const others = options.compare === undefined ? undefined : await loadConnectionsOf(options.compare);
  const trial = new DryRun(connections, others?.connections);
  const { limit = Number.POSITIVE_INFINITY } = options;
  await askRedis(readRedisSettings(), openDeadLetters, (deadLetters) =>
    executeDryRun(deadLetters, toFilter(options), limit, trial, createProgress(surroundings, 'tried')),
  );
  const { result } = trial;
  const { sample = false } = options;
  if (options.json) out(JSON.stringify(sample ? result : withoutPayloads(result), null, 2));
  else out([...render(result, file), ...examplesOf(result, sample, others?.file)].join('\n'));
  return result.fail === 0 ? EXIT.ok : EXIT.failed;
}

function withoutPayloads({ become, ...rest }: DryRunResult): object {
  return {
    ...rest,
    become: become.map(({ event, count, changed, example }) => ({
      event,
      count,
      changed,
      example: example.id,
    })),
  };
}

function render({ succeed, fail, become, die, duties }: DryRunResult, file: string): string[] {
  const events = become.map(({ event, count }) => `${figure(count)} ${event}`);
  if (duties > 0) events.push(`${figure(duties)} that become no event`);
  return [
    `tried ${figure(succeed + fail)} with the mappers of ${file}; nothing was sent`,
    `${figure(succeed)} would be sent${events.length > 0 ? `: ${events.join(', ')}` : ''}`,
    `${figure(fail)} would die again${fail > 0 ? ':' : ''}`,
    ...(fail > 0 ? [renderTable(die.map(({ count, ...rest }) => ({ count, ...rest })))] : []),
  ];
}

function examplesOf({ become }: DryRunResult, sample: boolean, other: string | undefined): string[] {
  return [
    ...(other === undefined ? [] : become.flatMap((one) => describeChanges(one, other))),
    ...(sample
      ? become.map(({ example }) => `\n${example.id}\n${JSON.stringify(example.event, null, 2)}`)
      : []),
  ];
}

function describeChanges({ event, count, changed, example }: PreviewedEvent, other: string): string[] {
  const { id, changes = [] } = example;
  if (changed === 0) return [`\n${event}: all ${figure(count)} as the mappers of ${other} make them`];
  return [
    `\n${event}: ${figure(changed)} of ${figure(count)} differ from what the mappers of ${other} make; as ${id}:`,
    ...changes.map((change) =>
      oneLine(`  ${change.op} ${change.path}${'value' in change ? ` ${JSON.stringify(change.value)}` : ''}`),
    ),
  ];
}
