/** Returns the CPU milliseconds of the process that a call takes. Other processes do not change it, unlike the time of day. */
export function cpuTimeOf(run: () => unknown): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
