import { readRedisSettings } from '@sluice/config';
import { type Delivery, prepareEvent } from '@sluice/events';
import {
  type Change,
  type DeadLetterFilter,
  type EditSummary,
  jsonPatch,
  openDeadLetters,
  openReplays,
} from '@sluice/queue';
import type { Command } from 'commander';
import { ASKED, askRedis } from '../ask-redis.ts';
import { confirmMany } from '../confirm-many.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { CONNECTIONS_OPTION, loadConnectionsOf } from '../load-connections-of.ts';
import { operatorName } from '../operator-name.ts';
import { orAway } from '../or-away.ts';
import { figure, oneLine } from '../printed.ts';
import { createProgress } from '../progress.ts';
import { readText } from '../read-text.ts';
import { addSelectionOptions, type SelectionOptions, selectionOf } from '../selection.ts';
import type { Surroundings } from '../surroundings.ts';
import { UsageError } from '../usage-error.ts';
import { watchReplay } from '../watch-replay.ts';

interface Options extends SelectionOptions {
  readonly patch?: string;
  readonly body?: string;
  readonly note: string;
  readonly connections?: string;
  readonly dryRun?: true;
  readonly replay?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** Dead letters that a replay may name one by one. */
const REPLAYED = 1_000;

/** Adds `dead-letters edit`: changes what a dead letter says, and may replay it. */
export function deadLettersEditCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  addSelectionOptions(
    parent.command('edit').description('edits bodies; what they were, and who edited them, is kept beside'),
  )
    .argument('[id]', 'of one delivery, dlv_…; else a filter says which')
    .option('--patch <json>', 'a JSON Patch (RFC 6902), or @file, or @- for standard input')
    .option('--body <json>', 'the whole new body, of one delivery; or @file, or @-')
    .requiredOption('--note <text>', 'why, for the audit line')
    .option(...CONNECTIONS_OPTION)
    .option('--dry-run', 'tell only what would become of them')
    .option('--replay', `then replay those that were edited, ${figure(REPLAYED)} at most`)
    .option('--yes', 'also if there are many')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nWhat today’s mappers would let die again is refused, and left as it is; then it ends with 1.' +
        ASKED,
    )
    .action(async (id: string | undefined, options: Options) =>
      end(await orAway(() => edit(id, options, surroundings), surroundings)),
    );
}

async function edit(id: string | undefined, options: Options, surroundings: Surroundings): Promise<ExitCode> {
  const filter = id === undefined ? selectionOf(options) : { ids: [id] };
  const change = await readChange(options, filter, surroundings);
  const { connections } = await loadConnectionsOf(options.connections);
  const redis = readRedisSettings();
  const { count } = await askRedis(redis, openReplays, (replays) => replays.plan(filter));
  if (count === 0) throw new UsageError(NOTHING);
  if (options.replay && count > REPLAYED) {
    throw new UsageError(
      `that is ${figure(count)}, and --replay takes ${figure(REPLAYED)} at most  — edit without it, then replay run`,
    );
  }
  if (!options.dryRun && !(await confirmMany(count, 'edited', options, surroundings))) return EXIT.failed;
  const request = {
    ...{ who: operatorName(), reason: options.note, change, dryRun: options.dryRun ?? false },
    prepare: (delivery: Delivery) => prepareEvent(connections.get(delivery.connection), delivery),
  };
  const summary = await askRedis(redis, openDeadLetters, (deadLetters) =>
    deadLetters.edit(filter, request, createProgress(surroundings, 'edited', count)),
  );
  surroundings.out(options.json ? JSON.stringify(summary, null, 2) : render(summary, options));
  const { edited, refused } = summary;
  const code = refused === 0 ? EXIT.ok : EXIT.failed;
  if (!options.replay || options.dryRun || edited.length === 0) return code;
  const replayed = await replay(edited, options, surroundings);
  return code === EXIT.ok ? replayed : code;
}

function render({ edited, refused, refusals }: EditSummary, { dryRun }: Options): string {
  return [
    `${figure(edited.length)} ${dryRun ? 'could be edited' : 'edited'}`,
    ...(refused > 0 ? [`${figure(refused)} refused and left as they are:`] : []),
    ...refusals.flatMap(({ id, why, issues = [] }) => [
      `  ${id}: ${oneLine(why)}`,
      ...issues.map(({ path, message }) => `    ${path || '(whole)'}: ${oneLine(message)}`),
    ]),
  ].join('\n');
}

const NOTHING = 'no dead letter fits  — sluice deliveries show <id> tells where a delivery is';

async function readChange(
  { patch, body }: Options,
  filter: DeadLetterFilter,
  surroundings: Surroundings,
): Promise<Change> {
  if ((patch === undefined) === (body === undefined)) {
    throw new UsageError('what is to change?  — give either --patch or --body');
  }
  if (body !== undefined) {
    if (filter.ids?.length === 1) return { body: await readText(body, surroundings) };
    throw new UsageError('--body is of one delivery  — name it, or give a --patch');
  }
  const read = jsonPatch.safeParse(parse(await readText(patch ?? '', surroundings)));
  if (read.success) return { patch: read.data };
  const [issue] = read.error.issues;
  throw new UsageError(`the patch is none: ${issue?.path.join('.') || 'it'}: ${issue?.message}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('the patch is not JSON');
  }
}

async function replay(
  ids: readonly string[],
  { note }: Options,
  surroundings: Surroundings,
): Promise<ExitCode> {
  return askRedis(readRedisSettings(), openReplays, async (replays) => {
    const id = await replays.run(
      { filter: { ids }, until: surroundings.clock.now() },
      { who: operatorName(), reason: note },
    );
    return watchReplay(replays, id, surroundings);
  });
}
