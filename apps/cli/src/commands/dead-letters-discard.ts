import { readRedisSettings } from '@sluice/config';
import { type DeadLetters, openDeadLetters, openReplays } from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { confirmMany } from '../confirm-many.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { operatorName } from '../operator-name.ts';
import { orAway } from '../or-away.ts';
import { figure } from '../printed.ts';
import { createProgress } from '../progress.ts';
import { addSelectionOptions, type SelectionOptions, selectionOf } from '../selection.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options extends SelectionOptions {
  readonly note: string;
  readonly yes?: true;
  readonly json?: true;
}

type End = (code: ExitCode) => void;

/** Adds `dead-letters discard` and `restore`: away with what nobody will replay, and back with it within a day. */
export function deadLettersDiscardCommands(parent: Command, surroundings: Surroundings, end: End): void {
  addSelectionOptions(
    parent.command('discard').description('puts dead letters aside; in a day they are gone for good'),
  )
    .requiredOption('--note <text>', 'why, for the audit line')
    .option('--yes', 'also if there are many')
    .option('--json', 'print JSON')
    .addHelpText('after', ASKED)
    .action(async (options: Options) =>
      end(await orAway(() => discard(options, surroundings), surroundings)),
    );
  addSelectionOptions(
    parent.command('restore').description('undoes discards: what was discarded is dead again, as it was'),
  )
    .option('--note <text>', 'why, for the audit line', 'by hand')
    .option('--json', 'print JSON')
    .addHelpText('after', ASKED)
    .action(async (options: Options) =>
      end(await orAway(() => restore(options, surroundings), surroundings)),
    );
}

async function discard(options: Options, surroundings: Surroundings): Promise<ExitCode> {
  const { out } = surroundings;
  const filter = selectionOf(options);
  const redis = readRedisSettings();
  const { count } = await askRedis(redis, openReplays, (replays) => replays.plan(filter));
  if (!(await confirmMany(count, 'discarded', options, surroundings))) return EXIT.failed;
  const by = { who: operatorName(), reason: options.note };
  const discarded = await askRedis(redis, openDeadLetters, (deadLetters) =>
    deadLetters.discard(filter, by, createProgress(surroundings, 'discarded', count)),
  );
  if (options.json) out(JSON.stringify({ discarded }));
  else if (discarded === 0) out('nothing to discard');
  else out(`${figure(discarded)} discarded  — for a day sluice dead-letters restore undoes it`);
  return EXIT.ok;
}

async function restore(options: Options, surroundings: Surroundings): Promise<ExitCode> {
  const { out } = surroundings;
  const filter = selectionOf(options);
  const by = { who: operatorName(), reason: options.note };
  const restored = await askRedis(readRedisSettings(), openDeadLetters, (deadLetters: DeadLetters) =>
    deadLetters.restore(filter, by, createProgress(surroundings, 'restored')),
  );
  if (options.json) out(JSON.stringify({ restored }));
  else out(restored === 0 ? 'nothing was discarded' : `${figure(restored)} dead again, as before`);
  return EXIT.ok;
}
