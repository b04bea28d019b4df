import type { Connections } from '@sluice/config';
import { type Delivery, prepareEvent } from '@sluice/events';
import {
  type Change,
  createDeadLetters,
  createReplays,
  type DeadLetterFilter,
  type EditSummary,
  jsonPatch,
  type Replays,
  type Shards,
} from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import { CONNECTIONS_OPTION, loadConnectionsFile, readText } from '../options/files.ts';
import { addSelectionOptions, type SelectionOptions, toSelection } from '../options/filter.ts';
import {
  confirmChange,
  confirmSecondEvents,
  NOTE_OPTION,
  operatorName,
  SECOND_EVENTS_OPTION,
  YES_OPTION,
} from '../options/operator.ts';
import { createProgress, formatCount, oneLine } from '../render/format.ts';
import { watchReplay } from './watch-replay.ts';

interface EditOptions extends SelectionOptions {
  readonly patch?: string;
  readonly body?: string;
  readonly note: string;
  readonly connections?: string;
  readonly dryRun?: true;
  readonly thenReplay?: true;
  readonly secondEvents?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** Maximum ids in the filter of a replay. */
const MAX_REPLAYED = 1_000;

/** Adds `dead-letters edit`. */
export function deadLettersEditCommand(parent: Command, context: CliContext, end: End): void {
  addSelectionOptions(parent.command('edit').description('Edit the bodies of dead letters'))
    .argument('[id]', 'delivery (dlv_…), instead of a filter')
    .option('--patch <json>', 'JSON Patch (RFC 6902), or @file, or @- for standard input')
    .option('--body <json>', 'new body of one delivery, or @file, or @- for standard input')
    .requiredOption(...NOTE_OPTION)
    .option(...CONNECTIONS_OPTION)
    .option('--dry-run', 'check of the edits without changes')
    .option('--then-replay', `replay of the edited dead letters, at most ${formatCount(MAX_REPLAYED)}`)
    .option(...SECOND_EVENTS_OPTION)
    .option(...YES_OPTION)
    .option('--json', 'JSON output')
    .addHelpText(
      'after',
      '\nThe original body, the operator and the note are kept. Edits that fail with the current mappers are' +
        `\nrejected and change nothing; the command then exits with 1.${REDIS_HELP}`,
    )
    .action(async (id: string | undefined, options: EditOptions) => end(await edit(id, options, context)));
}

async function edit(id: string | undefined, options: EditOptions, context: CliContext): Promise<ExitCode> {
  const filter = id === undefined ? toSelection(options) : { id: [id] };
  const change = await readChange(options, filter, context);
  const { connections } = await loadConnectionsFile(options.connections);
  return withRedis(open, (queue) => editSelection(queue, { filter, change, connections }, options, context));
}

const open = (shards: Shards) => ({
  replays: createReplays(shards),
  deadLetters: createDeadLetters(shards),
});

interface Selection {
  readonly filter: DeadLetterFilter;
  readonly change: Change;
  readonly connections: Connections;
}

async function editSelection(
  { replays, deadLetters }: ReturnType<typeof open>,
  { filter, change, connections }: Selection,
  options: EditOptions,
  context: CliContext,
): Promise<ExitCode> {
  const { count, secondEvents } = await replays.plan(filter);
  if (count === 0) {
    throw new UsageError('No matching dead letters. See the state of a delivery with deliveries show <id>.');
  }
  if (options.thenReplay && count > MAX_REPLAYED) {
    const limit = formatCount(MAX_REPLAYED);
    throw new UsageError(
      `--then-replay takes at most ${limit} dead letters, not ${formatCount(count)}. Edit first, then run replay run.`,
    );
  }
  if (!options.dryRun && !(await confirmChange(count, 'edited', options, context))) return EXIT.failed;
  const replaysEvents = options.thenReplay && !options.dryRun ? secondEvents : 0;
  if (!(await confirmSecondEvents(replaysEvents, options, context))) return EXIT.failed;
  const request = {
    ...{ who: operatorName(), reason: options.note, change, dryRun: options.dryRun ?? false },
    prepare: (delivery: Delivery) => prepareEvent(connections.get(delivery.connection), delivery),
  };
  const summary = await deadLetters.edit(filter, request, createProgress(context, 'edited', count));
  context.out(options.json ? JSON.stringify(summary, null, 2) : renderEdit(summary, options));
  const { edited, refused } = summary;
  const code = refused === 0 ? EXIT.ok : EXIT.failed;
  if (!options.thenReplay || options.dryRun || edited.length === 0) return code;
  const replayCode = await replayEdited(replays, edited, options, context);
  return code === EXIT.ok ? replayCode : code;
}

function renderEdit({ edited, refused, refusals }: EditSummary, { dryRun }: EditOptions): string {
  return [
    `${formatCount(edited.length)} ${dryRun ? 'would be edited' : 'edited'}`,
    ...(refused > 0 ? [`${formatCount(refused)} rejected and unchanged:`] : []),
    ...refusals.flatMap(({ id, why, issues = [] }) => [
      `  ${id}: ${oneLine(why)}`,
      ...issues.map(({ path, message }) => `    ${path || '(body)'}: ${oneLine(message)}`),
    ]),
  ].join('\n');
}

async function readChange(
  { patch, body }: EditOptions,
  filter: DeadLetterFilter,
  context: CliContext,
): Promise<Change> {
  if ((patch === undefined) === (body === undefined)) {
    throw new UsageError('No change. Pass either --patch or --body.');
  }
  if (body !== undefined) {
    if (filter.id?.length === 1) return { body: await readText(body, context) };
    throw new UsageError('--body changes one delivery. Pass its id, or use --patch.');
  }
  const read = jsonPatch.safeParse(parsePatch(await readText(patch ?? '', context)));
  if (read.success) return { patch: read.data };
  const [issue] = read.error.issues;
  throw new UsageError(`Invalid patch. ${issue?.path.join('.') || 'patch'}: ${issue?.message}`);
}

function parsePatch(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('The patch is not JSON. Pass a JSON Patch (RFC 6902).');
  }
}

async function replayEdited(
  replays: Replays,
  ids: readonly string[],
  { note }: EditOptions,
  context: CliContext,
): Promise<ExitCode> {
  const id = await replays.run(
    // Confirmed before the edit.
    { filter: { id: ids }, until: context.clock.now(), secondEvents: true },
    { who: operatorName(), reason: note },
  );
  return watchReplay(replays, id, context);
}

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
