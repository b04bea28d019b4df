/** Prints progress to stderr. */
export function report(what: string): void {
  process.stderr.write(`${what}\n`);
}
