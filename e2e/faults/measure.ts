import { readFileSync } from 'node:fs';

const MIB = 1024;

/** Returns the current and the highest memory of a process in MiB, or `undefined` without /proc. */
export function memoryOf(pid: number): { now: number; most: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const read = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / MIB;
    const memory = { now: read('VmRSS'), most: read('VmHWM') };
    return Number.isNaN(memory.most) ? undefined : memory;
  } catch {
    return undefined;
  }
}

/** Milliseconds between two samples. The highest value of a killed process is lost, so it is sampled. */
const EVERY = 200;

/** Records the highest memory of a changing set of processes. */
export function followMemory(pids: () => readonly number[]): { most(): number | undefined; stop(): void } {
  let most: number | undefined;
  const look = () => {
    for (const pid of pids()) {
      const memory = memoryOf(pid);
      if (memory) most = Math.max(most ?? 0, memory.most);
    }
  };
  const timer = setInterval(look, EVERY);
  return {
    most: () => {
      look();
      return most;
    },
    stop: () => clearInterval(timer),
  };
}

/** Returns a percentile: 0.5 is the median. `NaN` without values. */
export function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * values.length)] ?? Number.NaN;
}
