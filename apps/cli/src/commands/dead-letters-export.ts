import { readRedisSettings } from '@sluice/config';
import { type DeadLetterFilter, type DeadLetters, type ExportOptions, openDeadLetters } from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { addFilterOptions, type FilterOptions, toFilter } from '../dead-letter-filter.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { operatorName } from '../operator-name.ts';
import { orAway } from '../or-away.ts';
import { figure } from '../printed.ts';
import { createProgress } from '../progress.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options extends FilterOptions {
  readonly bodies?: true;
  readonly redact?: true;
  readonly note: string;
}

/** Adds `dead-letters export`: dead letters as lines of JSON. */
export function deadLettersExportCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  addFilterOptions(parent.command('export').description('writes dead letters as NDJSON, the oldest first'))
    .option('--bodies', 'also what the platform sent, which names people; import needs it')
    .option('--redact', 'with --bodies, and personal data in them masked; such cannot be imported')
    .option('--note <text>', 'why, for the audit line that bodies leave', 'exported')
    .addHelpText('after', ASKED)
    .action(async (options: Options) => end(await orAway(() => write(options, surroundings), surroundings)));
}

async function write(options: Options, surroundings: Surroundings): Promise<ExitCode> {
  const { bodies, redact, note } = options;
  const exporting: ExportOptions = {
    by: { who: operatorName(), reason: note },
    bodies: redact ? 'masked' : bodies ? 'exact' : 'none',
  };
  const count = await askRedis(readRedisSettings(), openDeadLetters, (deadLetters) =>
    writeAll(deadLetters, toFilter(options), exporting, surroundings),
  );
  surroundings.err(`${figure(count)} exported`);
  return EXIT.ok;
}

async function writeAll(
  deadLetters: DeadLetters,
  filter: DeadLetterFilter,
  exporting: ExportOptions,
  surroundings: Surroundings,
): Promise<number> {
  const progress = createProgress(surroundings, 'exported');
  let count = 0;
  for await (const letter of deadLetters.export(filter, exporting)) {
    await surroundings.write(JSON.stringify(letter));
    if (++count % 1_000 === 0) progress(count);
  }
  return count;
}
