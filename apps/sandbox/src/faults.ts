import { type Disruption, type Fault, type FaultTarget, isMeantFor } from './fault.ts';
import type { NewId } from './new-id.ts';
import { type Random, seededRandom } from './random.ts';

/** Answers that a fault holds: each function sends one. */
export type HeldAnswers = Set<() => void>;

/** What one call has to suffer. Times are milliseconds. */
export interface FaultPlan {
  readonly delayBefore: number;
  readonly delayAfter: number;
  readonly disruption?:
    | { readonly faultId: string; readonly fault: Disruption; readonly held: HeldAnswers }
    | undefined;
}

/** A fault as the control API shows it: what it is, how often it struck, how many answers it holds. */
export type FaultReport = Fault & { readonly id: string; readonly hits: number; readonly held: number };

/** The faults that are switched on, in the order they were. */
export interface Faults {
  add(fault: Fault): FaultReport;
  list(): FaultReport[];
  /** Switches one off and releases what it holds; false when there is none of that id. */
  remove(id: string): boolean;
  /** Switches all off and releases what they hold; returns how many there were. */
  clear(): number;
  /** Releases the answers that a fault holds now; it goes on holding new ones. Undefined: no such fault. */
  release(id: string): number | undefined;
  /** Decides what a call has to suffer, and counts it: every latency that fits, and the first other fault. */
  plan(target: FaultTarget): FaultPlan;
}

interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  readonly random: Random;
  readonly held: HeldAnswers;
  hits: number;
}

const NOTHING: FaultPlan = { delayBefore: 0, delayAfter: 0 };

/** Makes the faults, none of them on. */
export function createFaults(newId: NewId): Faults {
  const active = new Map<string, ActiveFault>();
  return {
    add(fault) {
      const id = newId('flt');
      const added = { id, fault, random: seededRandom(fault.seed), held: new Set<() => void>(), hits: 0 };
      active.set(id, added);
      return report(added);
    },
    list: () => [...active.values()].map(report),
    remove(id) {
      const fault = active.get(id);
      if (fault) releaseAll(fault);
      return active.delete(id);
    },
    clear() {
      const count = active.size;
      for (const fault of active.values()) releaseAll(fault);
      active.clear();
      return count;
    },
    release(id) {
      const fault = active.get(id);
      return fault && releaseAll(fault);
    },
    plan: (target) => (active.size === 0 ? NOTHING : planOf(active.values(), target)),
  };
}

function planOf(faults: Iterable<ActiveFault>, target: FaultTarget): FaultPlan {
  let delayBefore = 0;
  let delayAfter = 0;
  let disruption: FaultPlan['disruption'];
  for (const active of faults) {
    const { fault } = active;
    if (fault.kind === 'latency') {
      if (!strikes(active, target)) continue;
      if (fault.when === 'before') delayBefore += fault.ms;
      else delayAfter += fault.ms;
    } else if (!disruption && strikes(active, target)) {
      disruption = { faultId: active.id, fault, held: active.held };
    }
  }
  return { delayBefore, delayAfter, disruption };
}

function strikes(active: ActiveFault, target: FaultTarget): boolean {
  const { fault } = active;
  if (!isMeantFor(fault, target)) return false;
  if (fault.times !== undefined && active.hits >= fault.times) return false;
  if (fault.probability < 1 && active.random() >= fault.probability) return false;
  active.hits++;
  return true;
}

function releaseAll({ held }: ActiveFault): number {
  const count = held.size;
  for (const send of held) send();
  held.clear();
  return count;
}

function report({ id, fault, hits, held }: ActiveFault): FaultReport {
  return { id, ...fault, hits, held: held.size };
}
