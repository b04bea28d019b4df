import { readFileSync } from 'node:fs';

/** Of /proc: Linux has it at 100 since ever. */
const TICKS_PER_SECOND = 100;

/** What a process takes of CPU, all its threads, to 10 ms. */
export class CpuClock {
  readonly #pid: number;
  #before: number;

  constructor(pid: number) {
    this.#pid = pid;
    this.#before = this.#read();
  }

  reset(): void {
    this.#before = this.#read();
  }

  /** Since it was made or reset. */
  seconds(): number {
    return this.#read() - this.#before;
  }

  #read(): number {
    const stat = readFileSync(`/proc/${this.#pid}/stat`, 'utf8');
    // Its name, which comes second, is in brackets and may hold spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }
}
