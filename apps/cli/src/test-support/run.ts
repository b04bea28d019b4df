import { runCli } from '../cli.ts';
import type { CliContext } from '../context.ts';

interface RunResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process. Returns its output and exit code. */
export async function run(...argv: readonly string[]): Promise<RunResult> {
  return runIn({}, ...argv);
}

/** Runs a command line in a changed context. */
export async function runIn(changes: Partial<CliContext>, ...argv: readonly string[]): Promise<RunResult> {
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
