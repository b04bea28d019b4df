import { ConfigError } from '@sluice/config';
import { Command, CommanderError } from 'commander';
import { connectionsCheckCommand } from './commands/connections-check.ts';
import { connectionsHoldCommands } from './commands/connections-hold.ts';
import { deadLettersDiscardCommands } from './commands/dead-letters-discard.ts';
import { deadLettersEditCommand } from './commands/dead-letters-edit.ts';
import { deadLettersExportCommand } from './commands/dead-letters-export.ts';
import { deadLettersGroupsCommand } from './commands/dead-letters-groups.ts';
import { deadLettersImportCommand } from './commands/dead-letters-import.ts';
import { deadLettersListCommand } from './commands/dead-letters-list.ts';
import { deadLettersTryCommand } from './commands/dead-letters-try.ts';
import { deliveriesFindCommand } from './commands/deliveries-find.ts';
import { ledgerCommand } from './commands/ledger.ts';
import { replayCommands } from './commands/replay.ts';
import { sendCommand } from './commands/send.ts';
import { showCommand } from './commands/show.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import type { Surroundings } from './surroundings.ts';
import { UsageError } from './usage-error.ts';

/** Runs a command line, without the names of node and script, and returns what the process should end with. */
export async function runCli(argv: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = createProgram(surroundings, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, surroundings);
  }
}

function createProgram(surroundings: Surroundings, end: (code: ExitCode) => void): Command {
  const write = (line: (text: string) => void) => (text: string) => line(text.trimEnd());
  const program = new Command('sluice')
    .description('Operates Sluice: webhooks in, Botpress events out.')
    .addHelpText('after', '\nExit codes: 0 all went well, 1 something failed, 2 called wrongly.')
    .configureOutput({ writeOut: write(surroundings.out), writeErr: write(surroundings.err) })
    .showHelpAfterError('Add --help to see what there is.')
    .exitOverride();
  sendCommand(program, surroundings, end);
  ledgerCommand(program, surroundings, end);
  const deadLetters = program
    .command('dead-letters')
    .description('shows what died and why; edits, discards, exports and imports it');
  deadLettersListCommand(deadLetters, surroundings, end);
  deadLettersGroupsCommand(deadLetters, surroundings, end);
  showCommand(deadLetters, surroundings, end);
  deadLettersTryCommand(deadLetters, surroundings, end);
  deadLettersEditCommand(deadLetters, surroundings, end);
  deadLettersDiscardCommands(deadLetters, surroundings, end);
  deadLettersExportCommand(deadLetters, surroundings, end);
  deadLettersImportCommand(deadLetters, surroundings, end);
  replayCommands(program, surroundings, end);
  const deliveries = program.command('deliveries').description('shows deliveries, whatever their state');
  showCommand(deliveries, surroundings, end);
  deliveriesFindCommand(deliveries, surroundings, end);
  const connections = program.command('connections').description('checks, holds and releases connections');
  connectionsCheckCommand(connections, surroundings, end);
  connectionsHoldCommands(connections, surroundings, end);
  return program;
}

function explain(error: unknown, { err }: Surroundings): ExitCode {
  // Commander has said it already; help that was asked for is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof UsageError) {
    err(`error: ${error.message}`);
    return EXIT.usage;
  }
  err(
    error instanceof ConfigError
      ? error.message
      : `error: ${(error instanceof Error && error.stack) || error}`,
  );
  return EXIT.failed;
}
