import { parseArgs } from 'node:util';

/** Ways to break what must hold, so that a soak can be seen to fail. */
export const MUTANTS = ['blind', 'drop'] as const;
export type Mutant = (typeof MUTANTS)[number];

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Seconds of load and faults in each round. */
  readonly round: number;
  readonly mutant: Mutant | undefined;
}

const USAGE = 'npm run soak -- [--minutes 30] [--seed n] [--round seconds] [--mutant blind|drop]';

/** Reads the command line. Returns what is wrong with it, if something is. */
export function parseOptions(args: readonly string[]): SoakOptions | { readonly mistake: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '30' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        round: { type: 'string', default: '150' },
        mutant: { type: 'string' },
      },
    });
    return {
      minutes: inRange('--minutes', values.minutes, 0.5, 1_440),
      seed: whole('--seed', values.seed),
      round: inRange('--round', values.round, 20, 3_600),
      mutant: mutantOf(values.mutant),
    };
  } catch (error) {
    return { mistake: `${(error as Error).message}\nusage: ${USAGE}` };
  }
}

function inRange(name: string, text: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new RangeError(`${name}: "${text}" is not a number from ${least} to ${most}`);
}

function whole(name: string, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${name}: "${text}" is not a whole number`);
}

function mutantOf(text: string | undefined): Mutant | undefined {
  const mutant = MUTANTS.find((known) => known === text);
  if (text === undefined || mutant) return mutant;
  throw new RangeError(`--mutant: "${text}" is none of ${MUTANTS.join(', ')}`);
}
