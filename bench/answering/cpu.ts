import { readFileSync } from 'node:fs';

/** Of /proc: Linux has it at 100 since ever. */
const TICKS_PER_SECOND = 100;

/** What a process and its children take of CPU, all their threads, to 10 ms. */
export class CpuClock {
  readonly #pid: number;
  #before: number;

  constructor(pid: number) {
    this.#pid = pid;
    this.#before = cpuOf(this.#pid);
  }

  reset(): void {
    this.#before = cpuOf(this.#pid);
  }

  /** Since it was made or reset. */
  seconds(): number {
    return cpuOf(this.#pid) - this.#before;
  }
}

/** Seconds, of those of its children that run. */
function cpuOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuOf(Number(child)), readProcess(pid).cpu);
}

/** Who started a process, and its seconds of CPU. */
export function readProcess(pid: number): { parent: number; cpu: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Its name, which comes second, is in brackets and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND };
}
