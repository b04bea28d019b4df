import { setTimeout } from 'node:timers/promises';
import { runCli } from './run-cli.ts';

process.exitCode = await runCli(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  clock: {
    now: Date.now,
    // An abort ends the wait; it is no failure of it.
    delay: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => {}),
  },
});
