import { loadConnections, loadSourceRegistry, readConnectionsPath, readRedisSettings } from '@sluice/config';
import { type DeadLetterFilter, type DeadLetters, openDeadLetters } from '@sluice/queue';
import type { Command } from 'commander';
import { askRedis } from '../ask-redis.ts';
import { addFilterOptions, type FilterOptions, toFilter } from '../dead-letter-filter.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseCount } from '../option-values.ts';
import { orAway } from '../or-away.ts';
import { figure } from '../printed.ts';
import { renderTable } from '../render-table.ts';
import type { Surroundings } from '../surroundings.ts';
import { Trial, type TrialResult } from '../trial.ts';

interface Options extends FilterOptions {
  readonly connections?: string;
  readonly limit?: number;
  readonly sample?: true;
  readonly json?: true;
}

/** Bodies a round trip: 100 of 8 kB. */
const PAGE = 100;

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
    .option('--connections <path>', 'the file (default: SLUICE_CONNECTIONS, else config/connections.yaml)')
    .option('--sample', 'print a payload of each event, which may name people')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nEnds with 1 if some would die again. Whether Botpress takes the events is not tried.' +
        '\nRedis is asked at REDIS_URL, below SLUICE_QUEUE_PREFIX.',
    )
    .action(async (options: Options) => end(await orAway(() => tryOut(options, surroundings), surroundings)));
}

async function tryOut(options: Options, { out }: Surroundings): Promise<ExitCode> {
  const file = options.connections ?? readConnectionsPath();
  const connections = loadConnections(file, { registry: await loadSourceRegistry(file) });
  const trial = new Trial(connections);
  await askRedis(readRedisSettings(), openDeadLetters, (deadLetters) =>
    walk(deadLetters, toFilter(options), options.limit ?? Number.POSITIVE_INFINITY, trial),
  );
  const { result } = trial;
  if (options.json) out(JSON.stringify(options.sample ? result : withoutPayloads(result), null, 2));
  else out(render(result, file, options.sample ?? false));
  return result.fail === 0 ? EXIT.ok : EXIT.failed;
}

async function walk(
  deadLetters: DeadLetters,
  filter: DeadLetterFilter,
  limit: number,
  trial: Trial,
): Promise<void> {
  let cursor: string | undefined;
  let left = limit;
  do {
    const page = await deadLetters.find(filter, { order: 'newest', limit: Math.min(PAGE, left), cursor });
    const byId = new Map(page.letters.map((letter) => [letter.id, letter]));
    for (const reading of await deadLetters.bodies([...byId.keys()])) {
      if (reading.ok) trial.add(reading.delivery);
      else {
        const { connection = '', topic = '' } = byId.get(reading.id) ?? {};
        trial.diesOf({ id: reading.id, connection, topic }, 'invalid_input', reading.why);
      }
    }
    left -= page.letters.length;
    cursor = page.next;
  } while (cursor && left > 0);
}

function withoutPayloads({ become, ...rest }: TrialResult): object {
  return {
    ...rest,
    become: become.map(({ event, count, example }) => ({ event, count, example: example.id })),
  };
}

function render({ succeed, fail, become, die, duties }: TrialResult, file: string, sample: boolean): string {
  const events = become.map(({ event, count }) => `${figure(count)} ${event}`);
  if (duties > 0) events.push(`${figure(duties)} that become no event`);
  return [
    `tried ${figure(succeed + fail)} with the mappers of ${file}; nothing was sent`,
    `${figure(succeed)} would be sent${events.length > 0 ? `: ${events.join(', ')}` : ''}`,
    `${figure(fail)} would die again${fail > 0 ? ':' : ''}`,
    ...(fail > 0 ? [renderTable(die.map(({ count, ...rest }) => ({ count, ...rest })))] : []),
    ...(sample
      ? become.map(({ example }) => `\n${example.id}\n${JSON.stringify(example.event, null, 2)}`)
      : []),
  ].join('\n');
}
