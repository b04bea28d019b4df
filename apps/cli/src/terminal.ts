import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createInterface as createDialogue } from 'node:readline/promises';
import { setTimeout } from 'node:timers/promises';
import type { Surroundings } from './surroundings.ts';

/** Back to the begin of the line, and away with what stands there. */
const CLEAR = '\r\x1b[2K';

/** The world as a process has it. What a reader that has gone would still be told is dropped. */
export function createTerminal(): Surroundings {
  const { stdin, stdout, stderr } = process;
  let isShowing = false;
  const clear = () => {
    if (isShowing) stderr.write(CLEAR);
    isShowing = false;
  };
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    out: (line) => {
      clear();
      stdout.write(`${line}\n`);
    },
    err: (line) => {
      clear();
      stderr.write(`${line}\n`);
    },
    write: async (line) => {
      if (!stdout.write(`${line}\n`)) await once(stdout, 'drain');
    },
    readLines: (path) =>
      createInterface({ input: path === '-' ? stdin : createReadStream(path), crlfDelay: Infinity }),
    ...(stdin.isTTY && stderr.isTTY ? { confirm: ask } : {}),
    ...(stderr.isTTY
      ? {
          status: (line: string) => {
            stderr.write(`${CLEAR}${line.slice(0, Math.max(1, (stderr.columns ?? 80) - 1))}`);
            isShowing = true;
          },
        }
      : {}),
    clock: {
      now: Date.now,
      // An abort ends the wait; it is no failure of it.
      delay: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => {}),
    },
  };
}

async function ask(statement: string): Promise<boolean> {
  const dialogue = createDialogue({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await dialogue.question(`${statement} Go on? [y/N] `)).trim());
  } finally {
    dialogue.close();
  }
}
