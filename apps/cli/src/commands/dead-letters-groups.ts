import { readRedisSettings } from '@sluice/config';
import { type DeadLetterGroup, FAULT_OF, openDeadLetters } from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { orAway } from '../or-away.ts';
import { deathLine } from '../printed.ts';
import { renderTable } from '../render-table.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options {
  readonly json?: true;
}

/** Adds `dead-letters groups`: what went wrong, a line an incident. */
export function deadLettersGroupsCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  parent
    .command('groups')
    .description('lists the causes that dead letters have in common, those of the most first')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\ndead-letters list --group and replay run --group take a group; deliveries show <example> says what to do.' +
        ASKED,
    )
    .action(async (options: Options) => end(await orAway(() => list(options, surroundings), surroundings)));
}

async function list({ json }: Options, { out }: Surroundings): Promise<ExitCode> {
  const groups = await askRedis(readRedisSettings(), openDeadLetters, (deadLetters) => deadLetters.groups());
  if (json) out(JSON.stringify({ groups }, null, 2));
  else out(groups.length === 0 ? 'no dead letters' : renderTable(groups.map(describe)));
  return EXIT.ok;
}

function describe({ group, count, first, last, example: { id, topic, death } }: DeadLetterGroup): object {
  const { reason, detail, origin } = death;
  return {
    group,
    count,
    reason,
    'fault of': FAULT_OF[reason],
    connection: origin?.connection ?? null,
    topic,
    first: new Date(first).toISOString(),
    last: new Date(last).toISOString(),
    status: detail.status ?? null,
    example: id,
    message: deathLine(detail),
  };
}
