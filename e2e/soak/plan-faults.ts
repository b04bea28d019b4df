import { seededRandom } from '@sluice/testing';
import { between, type Fault, type FaultParameters } from './fault.ts';
import { appFaults } from './faults/apps.ts';
import { operatorFaults } from './faults/operator.ts';
import { redisFaults } from './faults/redis.ts';
import { sandboxFaults } from './faults/sandbox.ts';

const FAULTS: readonly Fault[] = [...appFaults, ...redisFaults, ...sandboxFaults, ...operatorFaults];

/** Share of faults that are combined with another. */
const JOINED = 0.35;

/** Milliseconds between two fault groups. */
const PEACE = [1_500, 6_000] as const;

/** A fault to inject. */
export interface PlannedFault {
  readonly fault: Fault;
  readonly how: FaultParameters;
  /** Milliseconds after the first fault of the group. */
  readonly after: number;
}

/** Faults that overlap; usually one. */
export interface FaultGroup {
  /** Milliseconds before the first fault. */
  readonly peace: number;
  readonly faults: readonly PlannedFault[];
}

/** Yields fault groups without end; the same ones for the same seed. */
export function* planFaults(seed: number): Generator<FaultGroup, never> {
  const random = seededRandom(seed);
  for (;;) {
    const peace = between(random, PEACE);
    const first = plan(random, FAULTS, 0);
    const others = FAULTS.filter(({ affects }) => !affects.some((it) => first.fault.affects.includes(it)));
    const joins = random() < JOINED && others.length > 0;
    yield { peace, faults: joins ? [first, plan(random, others, first.how.ms)] : [first] };
  }
}

/** @param within milliseconds within which the fault starts */
function plan(random: () => number, faults: readonly Fault[], within: number): PlannedFault {
  const fault = choose(random, faults);
  const after = Math.round(random() * within);
  const ms = between(random, fault.duration);
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
