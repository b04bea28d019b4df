import { runCli } from '../run-cli.ts';

/** Runs a command line in this process, on the real clock, and returns what it printed and ended with. */
export async function run(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    clock: { now: Date.now, delay: () => Promise.resolve() },
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
