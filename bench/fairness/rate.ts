import type { Sent } from './worker-process.ts';

/** What lies between two parts of a list: of 0.2 and 0.9, all but the first fifth and the last tenth. */
export function cut<T>(list: readonly T[], from: number, to: number): readonly T[] {
  return list.slice(Math.floor(list.length * from), Math.floor(list.length * to));
}

/** Events a minute, from the first to the last of those given in order of time. */
export function rateOf(sent: readonly Sent[]): number {
  return (sent.length * 60_000) / ((sent.at(-1)?.at ?? Number.NaN) - (sent[0]?.at ?? Number.NaN));
}
