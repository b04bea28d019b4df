import { createDeadLetters, createReplays, type Shards } from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { addSelectionOptions, type SelectionOptions, toSelection } from '../options/filter.ts';
import { confirmChange, NOTE_OPTION, operatorName, YES_OPTION } from '../options/operator.ts';
import { createProgress, formatCount } from '../render/format.ts';

interface RestoreOptions extends SelectionOptions {
  readonly note: string;
  readonly json?: true;
}

interface DiscardOptions extends RestoreOptions {
  readonly yes?: true;
}

/** Adds `dead-letters discard` and `restore`. */
export function deadLettersDiscardCommands(parent: Command, context: CliContext, end: End): void {
  addSelectionOptions(parent.command('discard').description('Discard dead letters'))
    .requiredOption(...NOTE_OPTION)
    .option(...YES_OPTION)
    .option('--json', 'JSON output')
    .addHelpText('after', `\nDiscarded dead letters can be restored for one day.${REDIS_HELP}`)
    .action(async (options: DiscardOptions) => end(await discard(options, context)));
  addSelectionOptions(parent.command('restore').description('Restore discarded dead letters'))
    .option(...NOTE_OPTION, 'by hand')
    .option('--json', 'JSON output')
    .addHelpText('after', REDIS_HELP)
    .action(async (options: RestoreOptions) => end(await restore(options, context)));
}

async function discard(options: DiscardOptions, context: CliContext): Promise<ExitCode> {
  const { out } = context;
  const filter = toSelection(options);
  const by = { who: operatorName(), reason: options.note };
  const discarded = await withRedis(open, async ({ replays, deadLetters }) => {
    const { count } = await replays.plan(filter);
    if (!(await confirmChange(count, 'discarded', options, context))) return undefined;
    return deadLetters.discard(filter, by, createProgress(context, 'discarded', count));
  });
  if (discarded === undefined) return EXIT.failed;
  if (options.json) out(JSON.stringify({ discarded }));
  else if (discarded === 0) out('No dead letters to discard');
  else out(`${formatCount(discarded)} discarded. Undo within one day with sluice dead-letters restore.`);
  return EXIT.ok;
}

const open = (shards: Shards) => ({
  replays: createReplays(shards),
  deadLetters: createDeadLetters(shards),
});

async function restore(options: RestoreOptions, context: CliContext): Promise<ExitCode> {
  const { out } = context;
  const filter = toSelection(options);
  const by = { who: operatorName(), reason: options.note };
  const restored = await withRedis(createDeadLetters, (deadLetters) =>
    deadLetters.restore(filter, by, createProgress(context, 'restored')),
  );
  if (options.json) out(JSON.stringify({ restored }));
  else out(restored === 0 ? 'No discarded dead letters' : `${formatCount(restored)} restored`);
  return EXIT.ok;
}
