import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createInterface as createDialogue } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import { runCli } from './cli.ts';
import type { CliContext } from './context.ts';

process.exitCode = await runCli(process.argv.slice(2), createTerminalContext());

/** Creates the context of this process. Ends the process when the reader of standard output is gone. */
function createTerminalContext(): CliContext {
  const { stdin, stdout, stderr } = process;
  const clearLine = '\r\x1b[2K';
  let hasStatus = false;
  const clearStatus = () => {
    if (hasStatus) stderr.write(clearLine);
    hasStatus = false;
  };
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    out: (line) => {
      clearStatus();
      stdout.write(`${line}\n`);
    },
    err: (line) => {
      clearStatus();
      stderr.write(`${line}\n`);
    },
    write: async (line) => {
      if (!stdout.write(`${line}\n`)) await once(stdout, 'drain');
    },
    readLines: (path) =>
      createInterface({ input: path === '-' ? stdin : createReadStream(path), crlfDelay: Infinity }),
    ...(stdin.isTTY && stderr.isTTY ? { confirm } : {}),
    ...(stderr.isTTY
      ? {
          status: (line: string) => {
            stderr.write(`${clearLine}${line.slice(0, Math.max(1, (stderr.columns ?? 80) - 1))}`);
            hasStatus = true;
          },
        }
      : {}),
    clock: {
      now: Date.now,
      // An abort ends the delay and is not an error.
      delay: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => {}),
    },
  };
}

async function confirm(statement: string): Promise<boolean> {
  const dialogue = createDialogue({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await dialogue.question(`${statement} Continue? [y/N] `)).trim());
  } finally {
    dialogue.close();
  }
}
