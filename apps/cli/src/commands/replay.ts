import { readRedisSettings } from '@sluice/config';
import { openDeadLetters } from '@sluice/queue';
import type { Command } from 'commander';
import { askRedis } from '../ask-redis.ts';
import { addFilterOptions, type FilterOptions, toFilter } from '../dead-letter-filter.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { operatorName } from '../operator-name.ts';
import { RedisAwayError } from '../redis-away-error.ts';
import type { Surroundings } from '../surroundings.ts';
import { UsageError } from '../usage-error.ts';

interface Options extends FilterOptions {
  readonly all?: true;
  readonly note: string;
}

/** How many dead letters between two lines that tell how far it is. */
const TELL_EVERY = 10_000;

/** Adds `replay`: puts dead letters back into the queue. */
export function replayCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  addFilterOptions(
    parent
      .command('replay')
      .description('puts dead letters back, behind what is live, with all their attempts'),
  )
    .option('--all', 'whatever their connection and reason')
    .option('--note <text>', 'why, for the audit line', 'replayed')
    .addHelpText(
      'after',
      '\nWhat dies again while it runs is left. It may be interrupted, and run again for the rest.' +
        '\nRedis is asked at REDIS_URL, below SLUICE_QUEUE_PREFIX.',
    )
    .action(async (options: Options) => end(await replay(options, surroundings)));
}

async function replay(options: Options, { out, err, clock }: Surroundings): Promise<ExitCode> {
  const filter = toFilter(options);
  if (Object.keys(filter).length === 0 && !options.all) {
    throw new UsageError('which ones?  — --connection, --reason, --group or --all says it');
  }
  let done = 0;
  const onProgress = (replayed: number) => {
    if (Math.floor(replayed / TELL_EVERY) > Math.floor(done / TELL_EVERY))
      err(`${figure(replayed)} put back …`);
    done = replayed;
  };
  const by = { who: operatorName(), reason: options.note };
  try {
    const count = await askRedis(readRedisSettings(), openDeadLetters, (deadLetters) =>
      deadLetters.replay({ filter, until: clock.now(), onProgress }, by),
    );
    out(count === 0 ? 'nothing to put back' : `${figure(count)} put back, behind what is live`);
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof RedisAwayError)) throw error;
    err(`error: ${error.message}`);
    err(`${figure(done)} or somewhat more were put back; run it again for the rest`);
    return EXIT.failed;
  }
}

const figure = (number: number): string => number.toLocaleString('en-US');
