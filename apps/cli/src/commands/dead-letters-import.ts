import { readRedisSettings } from '@sluice/config';
import { type ImportSummary, openDeadLetters } from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { operatorName } from '../operator-name.ts';
import { orAway } from '../or-away.ts';
import { figure, oneLine } from '../printed.ts';
import { createProgress } from '../progress.ts';
import { linesOf } from '../read-text.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options {
  readonly note: string;
  readonly json?: true;
}

/** Adds `dead-letters import`: takes in what an export with bodies has written. */
export function deadLettersImportCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  parent
    .command('import')
    .description('takes exported dead letters in, as they were; what is there already is left as it is')
    .argument('<file>', 'of NDJSON, as export --bodies writes it; - is standard input')
    .option('--note <text>', 'why, for the audit line', 'imported')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nEnds with 1 if lines were refused; the others are in. The ledger counts what is imported as accepted.' +
        ASKED,
    )
    .action(async (file: string, options: Options) =>
      end(await orAway(() => takeIn(file, options, surroundings), surroundings)),
    );
}

async function takeIn(file: string, { note, json }: Options, surroundings: Surroundings): Promise<ExitCode> {
  const { out } = surroundings;
  const by = { who: operatorName(), reason: note };
  const summary = await askRedis(readRedisSettings(), openDeadLetters, (deadLetters) =>
    deadLetters.import(linesOf(file, surroundings), by, createProgress(surroundings, 'read')),
  );
  out(json ? JSON.stringify(summary, null, 2) : render(summary));
  return summary.refused === 0 ? EXIT.ok : EXIT.failed;
}

function render({ imported, there, duplicate, refused, refusals }: ImportSummary): string {
  return [
    `${figure(imported)} imported`,
    ...(there > 0 ? [`${figure(there)} were there already`] : []),
    ...(duplicate > 0 ? [`${figure(duplicate)} are there as another delivery`] : []),
    ...(refused > 0 ? [`${figure(refused)} refused:`] : []),
    ...refusals.map(({ line, why }) => `  line ${line}: ${oneLine(why)}`),
  ].join('\n');
}
