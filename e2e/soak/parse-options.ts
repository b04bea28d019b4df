import { parseArgs } from 'node:util';

/** Ways to break the pipeline on purpose, to check that the soak fails. */
export const MUTANTS = ['blind', 'drop'] as const;
export type Mutant = (typeof MUTANTS)[number];

const FAULTS = ['random', 'none'] as const;

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Seconds of load and faults in each round. */
  readonly round: number;
  readonly mutant: Mutant | undefined;
  /** `none`: load alone, to measure memory over time. Faults restart processes. */
  readonly faults: 'random' | 'none';
  /** Webhooks per second. */
  readonly rate: number;
}

const USAGE =
  'npm run soak -- [--minutes 30] [--seed n] [--round seconds] [--faults random|none] [--rate 40] [--mutant blind|drop]';

/** Parses the command line. Returns a `mistake` if it is invalid. */
export function parseOptions(args: readonly string[]): SoakOptions | { readonly mistake: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '30' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        round: { type: 'string', default: '150' },
        mutant: { type: 'string' },
        faults: { type: 'string', default: 'random' },
        rate: { type: 'string', default: '40' },
      },
    });
    return {
      minutes: inRange('--minutes', values.minutes, 0.5, 1_440),
      seed: whole('--seed', values.seed),
      round: inRange('--round', values.round, 20, 3_600),
      mutant: oneOf('--mutant', values.mutant, MUTANTS),
      faults: oneOf('--faults', values.faults, FAULTS) ?? 'random',
      rate: inRange('--rate', values.rate, 1, 1_000),
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

function oneOf<T extends string>(name: string, text: string | undefined, known: readonly T[]): T | undefined {
  const value = known.find((one) => one === text);
  if (text === undefined || value) return value;
  throw new RangeError(`${name}: "${text}" is unknown. Use one of ${known.join(', ')}`);
}
