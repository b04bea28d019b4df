import { ConfigError, loadConnections, readConnectionsPath } from '@sluice/config';
import type { Command } from 'commander';
import { describeConnection } from '../describe-connection.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { renderTable } from '../render-table.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options {
  readonly connections?: string;
  readonly json?: true;
}

/** Adds `connections check`: is the file right, and what is in it. */
export function connectionsCheckCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  parent
    .command('check')
    .description('checks the connections file and lists its connections, or all mistakes with their places')
    .option('--connections <path>', 'the file (default: SLUICE_CONNECTIONS, else config/connections.yaml)')
    .option('--json', 'print JSON')
    .action((options: Options) => end(checkConnections(options, surroundings)));
}

function checkConnections(options: Options, { out, err }: Surroundings): ExitCode {
  const file = options.connections ?? readConnectionsPath();
  try {
    const rows = loadConnections(file).all().map(describeConnection);
    if (options.json) out(JSON.stringify({ ok: true, file, connections: rows }, null, 2));
    else {
      if (rows.length > 0) out(renderTable(rows));
      out(`${file}: ${rows.length} ${rows.length === 1 ? 'connection' : 'connections'}, no mistakes`);
    }
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems, mistakes } = error;
    if (options.json) out(JSON.stringify({ ok: false, file, problems, mistakes }, null, 2));
    else err(error.message);
    return EXIT.failed;
  }
}
