import { ConfigError } from '@sluice/config';
import { Command, CommanderError } from 'commander';
import { connectionsCheckCommand } from './commands/connections-check.ts';
import { connectionsPauseCommands } from './commands/connections-pause.ts';
import { deadLettersDiscardCommands, deadLettersEditCommand } from './commands/dead-letters-change.ts';
import { deadLettersDryRunCommand } from './commands/dead-letters-dry-run.ts';
import { deadLettersListCommands } from './commands/dead-letters-list.ts';
import { deadLettersTransferCommands } from './commands/dead-letters-transfer.ts';
import { deliveriesFindCommand, showCommand } from './commands/deliveries.ts';
import { integrationGenerateCommand } from './commands/integration-generate.ts';
import { ledgerCommand } from './commands/ledger.ts';
import { replayCommands } from './commands/replay.ts';
import { sendCommand } from './commands/send.ts';
import type { CliContext, End } from './context.ts';
import { EXIT, type ExitCode, RedisUnavailableError, UsageError } from './errors.ts';

/** Runs a command line, given without the names of node and script. Returns the exit code of the process. */
export async function runCli(argv: readonly string[], context: CliContext): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = createProgram(context, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return reportError(error, context);
  }
}

/** Creates the command tree. `end` receives the exit code of the command that runs. */
export function createProgram(context: CliContext, end: End): Command {
  const write = (line: (text: string) => void) => (text: string) => line(text.trimEnd());
  const program = new Command('sluice')
    .description('Operate Sluice')
    .addHelpText('after', '\nExit codes: 0 success, 1 failure, 2 invalid usage.')
    .configureOutput({ writeOut: write(context.out), writeErr: write(context.err) })
    .showHelpAfterError('Run with --help for usage.')
    .exitOverride();
  sendCommand(program, context, end);
  ledgerCommand(program, context, end);
  const deadLetters = program.command('dead-letters').description('Inspect and change dead letters');
  deadLettersListCommands(deadLetters, context, end);
  showCommand(deadLetters, context, end);
  deadLettersDryRunCommand(deadLetters, context, end);
  deadLettersEditCommand(deadLetters, context, end);
  deadLettersDiscardCommands(deadLetters, context, end);
  deadLettersTransferCommands(deadLetters, context, end);
  replayCommands(program, context, end);
  const deliveries = program.command('deliveries').description('Inspect deliveries in any state');
  showCommand(deliveries, context, end);
  deliveriesFindCommand(deliveries, context, end);
  const connections = program.command('connections').description('Check, pause and resume connections');
  connectionsCheckCommand(connections, context, end);
  connectionsPauseCommands(connections, context, end);
  const integration = program.command('integration').description('Create Botpress integrations');
  integrationGenerateCommand(integration, context, end);
  return program;
}

function reportError(error: unknown, { err }: CliContext): ExitCode {
  // Commander has printed its message. Requested help is a success.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof ConfigError) {
    err(error.message);
    return EXIT.failed;
  }
  const isExpected = error instanceof UsageError || error instanceof RedisUnavailableError;
  err(`error: ${isExpected ? error.message : (error instanceof Error && error.stack) || error}`);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}
