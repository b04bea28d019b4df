/** Tells whoever waits how far it is. */
export function tell(what: string): void {
  process.stderr.write(`${what}\n`);
}
