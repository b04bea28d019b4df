import { readFileSync } from 'node:fs';

const MIB = 1024;

/** What a process holds now, and held at most, in MiB; undefined where /proc does not tell. */
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

/** Milliseconds. A process may be killed at any moment; what it held at most is lost with it. */
const EVERY = 200;

/** Follows the memory of processes that come and go. */
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

/** The value that such a part of all is below: 0.5 for the median. NaN of none. */
export function percentile(values: readonly number[], part: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(part * values.length)] ?? Number.NaN;
}
