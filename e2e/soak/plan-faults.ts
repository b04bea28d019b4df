import { seededRandom } from '@sluice/testing';
import { between, type Fault, type Manner } from './fault.ts';
import { appFaults } from './faults/apps.ts';
import { operatorFaults } from './faults/operator.ts';
import { redisFaults } from './faults/redis.ts';
import { sandboxFaults } from './faults/sandbox.ts';

const FAULTS: readonly Fault[] = [...appFaults, ...redisFaults, ...sandboxFaults, ...operatorFaults];

/** Of all faults, those that another joins. */
const JOINED = 0.35;

/** Milliseconds of peace between two. */
const PEACE = [1_500, 6_000] as const;

/** A fault that is to strike. */
export interface Planned {
  readonly fault: Fault;
  readonly how: Manner;
  /** Milliseconds after the first of them. */
  readonly after: number;
}

/** What strikes together, mostly one alone. */
export interface Trouble {
  /** Milliseconds of peace before. */
  readonly peace: number;
  readonly faults: readonly Planned[];
}

/** Chooses faults, one trouble after the other and without end; the same ones for the same seed. */
export function* planFaults(seed: number): Generator<Trouble, never> {
  const random = seededRandom(seed);
  for (;;) {
    const peace = between(random, PEACE);
    const first = plan(random, FAULTS, 0);
    const others = FAULTS.filter(({ touches }) => !touches.some((it) => first.fault.touches.includes(it)));
    const joins = random() < JOINED && others.length > 0;
    yield { peace, faults: joins ? [first, plan(random, others, first.how.ms)] : [first] };
  }
}

/** @param within milliseconds in which it begins */
function plan(random: () => number, faults: readonly Fault[], within: number): Planned {
  const fault = choose(random, faults);
  const after = Math.round(random() * within);
  const ms = between(random, fault.lasts);
  const place = random() < 0.5 ? 0 : 1;
  return { fault, after, how: { ms, place, random: seededRandom(random() * 2 ** 32) } };
}

function choose(random: () => number, faults: readonly Fault[]): Fault {
  const sum = faults.reduce((total, { weight }) => total + weight, 0);
  let left = random() * sum;
  const chosen = faults.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return chosen ?? (faults[0] as Fault);
}
