import {
  createDeadLetters,
  type DeadLetterFilter,
  type DeadLetters,
  type ExportOptions as ExportRequest,
  type ImportSummary,
} from '@sluice/queue';
import type { Command } from 'commander';
import { REDIS_HELP, withRedis } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { readFileLines } from '../options/files.ts';
import { addFilterOptions, toFilter } from '../options/filter.ts';
import { NOTE_OPTION, operatorName } from '../options/operator.ts';
import { createProgress, formatCount, oneLine } from '../render/format.ts';

interface ExportOptions extends DeadLetterFilter {
  readonly bodies?: true;
  readonly redact?: true;
  readonly note: string;
}

interface ImportOptions {
  readonly note: string;
  readonly json?: true;
}

/** Adds `dead-letters export` and `import`. */
export function deadLettersTransferCommands(parent: Command, context: CliContext, end: End): void {
  addFilterOptions(parent.command('export').description('Export dead letters as NDJSON, the oldest first'))
    .option('--bodies', 'bodies, which contain personal data; required for import')
    .option('--redact', 'bodies with masked personal data, which cannot be imported')
    .option(...NOTE_OPTION, 'exported')
    .addHelpText('after', `\nExports with bodies are recorded in the audit log.${REDIS_HELP}`)
    .action(async (options: ExportOptions) => end(await exportLetters(options, context)));
  parent
    .command('import')
    .description('Import exported dead letters')
    .argument('<file>', 'NDJSON file from export --bodies, or - for standard input')
    .option(...NOTE_OPTION, 'imported')
    .option('--json', 'JSON output')
    .addHelpText(
      'after',
      '\nExisting dead letters are left unchanged. Exits with 1 if lines were rejected; the other lines are' +
        `\nimported. The ledger counts imported dead letters as accepted.${REDIS_HELP}`,
    )
    .action(async (file: string, options: ImportOptions) => end(await importLetters(file, options, context)));
}

async function exportLetters(options: ExportOptions, context: CliContext): Promise<ExitCode> {
  const { bodies, redact, note } = options;
  const request: ExportRequest = {
    by: { who: operatorName(), reason: note },
    bodies: redact ? 'masked' : bodies ? 'exact' : 'none',
  };
  const count = await withRedis(createDeadLetters, (deadLetters) =>
    writeLetters(deadLetters, toFilter(options), request, context),
  );
  context.err(`${formatCount(count)} exported`);
  return EXIT.ok;
}

async function writeLetters(
  deadLetters: DeadLetters,
  filter: DeadLetterFilter,
  request: ExportRequest,
  context: CliContext,
): Promise<number> {
  const progress = createProgress(context, 'exported');
  let count = 0;
  for await (const letter of deadLetters.export(filter, request)) {
    await context.write(JSON.stringify(letter));
    if (++count % 1_000 === 0) progress(count);
  }
  return count;
}

async function importLetters(
  file: string,
  { note, json }: ImportOptions,
  context: CliContext,
): Promise<ExitCode> {
  const by = { who: operatorName(), reason: note };
  const summary = await withRedis(createDeadLetters, (deadLetters) =>
    deadLetters.import(readFileLines(file, context), by, createProgress(context, 'read')),
  );
  context.out(json ? JSON.stringify(summary, null, 2) : render(summary));
  return summary.refused === 0 ? EXIT.ok : EXIT.failed;
}

function render({ imported, there, duplicate, refused, refusals }: ImportSummary): string {
  return [
    `${formatCount(imported)} imported`,
    ...(there > 0 ? [`${formatCount(there)} skipped: already stored`] : []),
    ...(duplicate > 0 ? [`${formatCount(duplicate)} skipped: stored under another id`] : []),
    ...(refused > 0 ? [`${formatCount(refused)} rejected:`] : []),
    ...refusals.map(({ line, why }) => `  line ${line}: ${oneLine(why)}`),
  ].join('\n');
}
