import { runCli } from '../run-cli.ts';
import type { Surroundings } from '../surroundings.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, on the real clock, and returns what it printed and ended with. */
export async function run(...argv: readonly string[]): Promise<Ran> {
  return runIn({}, ...argv);
}

/** The same where the world is another. */
export async function runIn(changes: Partial<Surroundings>, ...argv: readonly string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    write: async (line) => {
      out.push(line);
    },
    readLines: async function* () {},
    clock: { now: Date.now, delay: () => Promise.resolve() },
    ...changes,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
