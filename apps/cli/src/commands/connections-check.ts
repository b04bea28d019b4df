import {
  ConfigError,
  type Connection,
  loadConnections,
  loadSourceRegistry,
  readBotpressApiUrl,
  readConnectionsPath,
} from '@sluice/config';
import type { Command } from 'commander';
import { checkTargets } from '../check-targets.ts';
import { type CheckRow, describeCheck, isWrong } from '../describe-check.ts';
import { describeConnection } from '../describe-connection.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { CONNECTIONS_OPTION } from '../load-connections-of.ts';
import { renderTable } from '../render-table.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options {
  readonly connections?: string;
  readonly offline?: true;
  readonly workspace?: string;
  readonly json?: true;
}

const TIMEOUT_MS = 5_000;
const CONCURRENCY = 10;

/** Adds `connections check`: is the file right, what is in it, and would Botpress take its events. */
export function connectionsCheckCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  parent
    .command('check')
    .description(
      'checks the connections file, lists its connections or all mistakes with their places, and asks Botpress whether bot, integration and token answer and the integration defines each event',
    )
    .option(...CONNECTIONS_OPTION)
    .option('--offline', 'check the file only, and ask nobody')
    .option(
      '--workspace <id>',
      'workspace of the integrations, which personal access tokens need to read them',
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nBotpress is asked at the apiUrl of the connection, else at BOTPRESS_API_URL.')
    .action(async (options: Options) => end(await checkConnections(options, surroundings)));
}

async function checkConnections(options: Options, { out, err }: Surroundings): Promise<ExitCode> {
  const file = options.connections ?? readConnectionsPath();
  try {
    const registry = await loadSourceRegistry(file);
    const connections = loadConnections(file, { registry }).all();
    const checks = options.offline ? undefined : await askAbout(connections, options.workspace);
    const ok = !checks?.some(isWrong);
    out(options.json ? toJson(file, connections, checks, ok) : toText(file, connections, checks));
    return ok ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems, diagnostics: mistakes } = error;
    if (options.json) out(JSON.stringify({ ok: false, file, problems, mistakes }, null, 2));
    else err(error.message);
    return EXIT.failed;
  }
}

async function askAbout(
  connections: readonly Connection[],
  workspaceId: string | undefined,
): Promise<readonly CheckRow[]> {
  const apiUrl = readBotpressApiUrl();
  const options = { apiUrl, workspaceId, timeout: TIMEOUT_MS, concurrency: CONCURRENCY };
  return (await checkTargets(connections, options)).map(describeCheck);
}

function toJson(
  file: string,
  connections: readonly Connection[],
  checks: readonly CheckRow[] | undefined,
  ok: boolean,
): string {
  const rows = connections.map((connection, index) => ({
    ...describeConnection(connection),
    ...(checks ? { botpress: checks[index] } : {}),
  }));
  return JSON.stringify({ ok, file, connections: rows }, null, 2);
}

function toText(
  file: string,
  connections: readonly Connection[],
  checks: readonly CheckRow[] | undefined,
): string {
  const rows = connections.map((connection, index) => ({
    ...describeConnection(connection),
    ...(checks ? { botpress: checks[index]?.detail ?? 'ok' } : {}),
  }));
  const count = `${file}: ${rows.length} ${rows.length === 1 ? 'connection' : 'connections'}, no mistakes`;
  return [...(rows.length > 0 ? [renderTable(rows)] : []), count, ...(checks ? [sumUp(checks)] : [])].join(
    '\n',
  );
}

function sumUp(checks: readonly CheckRow[]): string {
  const wrong = checks.filter(isWrong).length;
  const unknown = checks.filter(({ result }) => result === 'ok_unknown_events').length;
  const parts = [`${checks.length - wrong} ok`, `${wrong} wrong`];
  return `Botpress: ${parts.join(', ')}${unknown > 0 ? `; events unknown of ${unknown}` : ''}`;
}
