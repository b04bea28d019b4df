import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc: Linux has it at 100 since ever. */
const TICKS_PER_SECOND = 100;

/**
 * Starts to measure what a process and its children take of CPU, all their threads, to 10 ms.
 *
 * @returns seconds since; children that have ended meanwhile are left out
 */
export function startProcessClock(pid: number): () => number {
  const before = cpuWithChildren(pid);
  return () => {
    let seconds = 0;
    for (const [one, cpu] of cpuWithChildren(pid)) seconds += cpu - (before.get(one) ?? 0);
    return seconds;
  };
}

/** Seconds of CPU by process. */
function cpuWithChildren(root: number): ReadonlyMap<number, number> {
  const all = new Map<number, ReturnType<typeof readProcess>>();
  for (const name of readdirSync('/proc')) {
    const found = /^\d+$/.test(name) && read(Number(name));
    if (found) all.set(Number(name), found);
  }
  const belongs = (pid: number): boolean => pid === root || (pid > 1 && belongs(all.get(pid)?.parent ?? 0));
  return new Map([...all].filter(([pid]) => belongs(pid)).map(([pid, { cpu }]) => [pid, cpu]));
}

function read(pid: number): ReturnType<typeof readProcess> | undefined {
  try {
    return readProcess(pid);
  } catch {
    // It has ended since it was listed.
    return undefined;
  }
}

/** Who started a process, and its seconds of CPU. */
function readProcess(pid: number): { parent: number; cpu: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Its name, which comes second, is in brackets and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
}
