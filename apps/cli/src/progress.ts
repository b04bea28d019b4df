import { figure } from './printed.ts';
import type { Surroundings } from './surroundings.ts';

const WIDTH = 24;

/** Draws how much of a whole is done: `[████········]  33 %`. */
export function bar(done: number, whole: number): string {
  const part = whole > 0 ? Math.min(1, done / whole) : 1;
  const filled = Math.round(part * WIDTH);
  return `[${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}] ${String(Math.floor(part * 100)).padStart(3)} %`;
}

/**
 * Makes what shows on a terminal how far something long has come; where there is none, it shows nothing.
 *
 * @param whole how many there will be; without it only what is done is told
 */
export function createProgress(
  { status }: Pick<Surroundings, 'status'>,
  what: string,
  whole?: number,
): (done: number) => void {
  return (done) => {
    if (whole === undefined) status?.(`${what} ${figure(done)}`);
    else status?.(`${bar(done, whole)}  ${what} ${figure(done)} of ${figure(whole)}`);
  };
}
