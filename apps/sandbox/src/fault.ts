import { z } from 'zod';
import { API_ERROR_TYPES } from './api-error.ts';

const OPERATIONS = ['createEvent', 'listEvents', 'getEvent'] as const;

/** Which calls a fault strikes: those that fit everything it names. */
const match = z.strictObject({
  operation: z.enum(OPERATIONS).default('createEvent'),
  botId: z.string().min(1).optional(),
  /** The type as it was sent; createEvent only. */
  type: z.string().min(1).optional(),
  /** createEvent only. */
  deliveryId: z.string().min(1).optional(),
});

const common = {
  match: match.prefault({}),
  /** Strikes only so many calls, then rests. */
  times: z.int().min(1).optional(),
  /** Chance of striking a call that fits. */
  probability: z.number().gt(0).max(1).default(1),
  /** Makes the chance the same each time. */
  seed: z.int().default(1),
};

const when = z.enum(['before', 'after']).default('before');

const retryAfterSeconds = z.int().min(0).max(86_400);
/** Botpress sends seconds; proxies may send an HTTP-date. */
const retryAfterAs = z.enum(['seconds', 'date']).default('seconds');

/** What can go wrong on purpose. `when` is before or after the commit. */
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

/** Every fault but latency, which only delays and goes with the others. */
export type Disruption = Exclude<Fault, { kind: 'latency' }>;

/** The call that a fault may strike. */
export interface FaultTarget {
  readonly operation: (typeof OPERATIONS)[number];
  readonly botId: string;
  readonly type?: string | undefined;
  readonly deliveryId?: string | undefined;
}

/** Whether a fault is meant for this call. */
export function isMeantFor(fault: Fault, target: FaultTarget): boolean {
  const { operation, botId, type, deliveryId } = fault.match;
  return (
    operation === target.operation &&
    (botId === undefined || botId === target.botId) &&
    (type === undefined || type === target.type) &&
    (deliveryId === undefined || deliveryId === target.deliveryId)
  );
}
