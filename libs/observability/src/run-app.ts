/** Runs an app's composition root. What stops it at start is one message for people, and exit code 1. */
export function runApp(name: string, main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
}
