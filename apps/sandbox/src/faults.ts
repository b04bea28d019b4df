import { z } from 'zod';
import type { NewId } from './clock-and-ids.ts';
import { API_ERROR_TYPES } from './responses.ts';
import { createSelection, type Selection, selectionFields } from './selection.ts';

/** Responses that a fault holds. Each function sends one. */
export type HeldResponses = Set<() => void>;

/** The faults that apply to one call. Times are in milliseconds. */
export interface FaultPlan {
  readonly delayBefore: number;
  readonly delayAfter: number;
  readonly disruption?:
    | { readonly faultId: string; readonly fault: Disruption; readonly held: HeldResponses }
    | undefined;
}

/** A fault in the control API. `hits` is the number of calls it applied to, `held` that of held responses. */
export type FaultReport = Fault & { readonly id: string; readonly hits: number; readonly held: number };

/** The active faults, in order of creation. */
export interface Faults {
  add(fault: Fault): FaultReport;
  list(): FaultReport[];
  /** Removes a fault and sends its held responses. Returns false if the id is unknown. */
  remove(id: string): boolean;
  /** Removes all faults and sends their held responses. Returns the number of faults. */
  clear(): number;
  /** Sends the held responses of a fault, which stays active. Returns their number; undefined if the id is unknown. */
  release(id: string): number | undefined;
  /** Selects the faults of a call and counts their hits: all matching latencies and the first other fault. */
  plan(target: FaultTarget): FaultPlan;
}

interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  readonly selection: Selection;
  readonly held: HeldResponses;
}

const NO_FAULTS: FaultPlan = { delayBefore: 0, delayAfter: 0 };

/** Creates an empty list of faults. */
export function createFaults(newId: NewId): Faults {
  const active = new Map<string, ActiveFault>();
  return {
    add(fault) {
      const id = newId('flt');
      const added = { id, fault, selection: createSelection(fault), held: new Set<() => void>() };
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
    plan: (target) => (active.size === 0 ? NO_FAULTS : createPlan(active.values(), target)),
  };
}

function createPlan(faults: Iterable<ActiveFault>, target: FaultTarget): FaultPlan {
  let delayBefore = 0;
  let delayAfter = 0;
  let disruption: FaultPlan['disruption'];
  for (const active of faults) {
    const { fault } = active;
    if (fault.kind === 'latency') {
      if (!countHit(active, target)) continue;
      if (fault.when === 'before') delayBefore += fault.ms;
      else delayAfter += fault.ms;
    } else if (!disruption && countHit(active, target)) {
      disruption = { faultId: active.id, fault, held: active.held };
    }
  }
  return { delayBefore, delayAfter, disruption };
}

/** Returns whether the fault applies to the call, and counts the hit. */
function countHit({ fault, selection }: ActiveFault, target: FaultTarget): boolean {
  return matches(fault, target) && selection.select();
}

function releaseAll({ held }: ActiveFault): number {
  const count = held.size;
  for (const send of held) send();
  held.clear();
  return count;
}

function report({ id, fault, selection, held }: ActiveFault): FaultReport {
  return { id, ...fault, hits: selection.hits, held: held.size };
}

const OPERATIONS = [
  'createEvent',
  'listEvents',
  'getEvent',
  'getOrCreateConversation',
  'getOrCreateUser',
  'getOrCreateMessage',
  'listConversations',
  'listUsers',
  'listMessages',
] as const;

/** Conditions on a call. All given ones must hold. */
const match = z.strictObject({
  operation: z.enum(OPERATIONS).default('createEvent'),
  botId: z.string().min(1).optional(),
  /** Event type as sent; createEvent only. */
  type: z.string().min(1).optional(),
  /** createEvent only. */
  deliveryId: z.string().min(1).optional(),
});

const common = {
  match: match.prefault({}),
  ...selectionFields,
};

const when = z.enum(['before', 'after']).default('before');

const retryAfterSeconds = z.int().min(0).max(86_400);
/** Botpress sends seconds; a proxy may send an HTTP-date. */
const retryAfterAs = z.enum(['seconds', 'date']).default('seconds');

/** All faults. `when` is before or after the commit. */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), ms: z.int().min(0).max(600_000), when, ...common }),
  z.strictObject({
    kind: z.literal('rate-limited'),
    retryAfterSeconds: retryAfterSeconds.nullable().default(1),
    retryAfterAs,
    ...common,
  }),
  z.strictObject({
    kind: z.literal('error'),
    error: z.enum(API_ERROR_TYPES),
    message: z.string().optional(),
    retryAfterSeconds: retryAfterSeconds.nullable().default(null),
    retryAfterAs,
    ...common,
  }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(500).max(599),
    retryAfterSeconds: retryAfterSeconds.nullable().default(null),
    retryAfterAs,
    ...common,
  }),
  z.strictObject({ kind: z.literal('html'), status: z.int().min(500).max(599).default(502), ...common }),
  z.strictObject({ kind: z.literal('reset'), when, ...common }),
  z.strictObject({ kind: z.literal('hang'), when, ...common }),
  z.strictObject({ kind: z.literal('hold'), ...common }),
]);

export type Fault = z.output<typeof faultSchema>;

/** A fault other than latency. Latency only delays and combines with the others. */
export type Disruption = Exclude<Fault, { kind: 'latency' }>;

/** The call that a fault may apply to. */
export interface FaultTarget {
  readonly operation: (typeof OPERATIONS)[number];
  readonly botId: string;
  readonly type?: string | undefined;
  readonly deliveryId?: string | undefined;
}

function matches(fault: Fault, target: FaultTarget): boolean {
  const { operation, botId, type, deliveryId } = fault.match;
  return (
    operation === target.operation &&
    (botId === undefined || botId === target.botId) &&
    (type === undefined || type === target.type) &&
    (deliveryId === undefined || deliveryId === target.deliveryId)
  );
}
