import { finishTimes } from './finish-times.ts';
import { lanes } from './lanes.ts';
import { noGate } from './no-gate.ts';
import { putBack } from './put-back.ts';
import { queueLimiter } from './queue-limiter.ts';
import { reservations } from './reservations.ts';
import type { Variant } from './variant.ts';

/** By a name that a worker process can be told. */
export const VARIANTS = {
  noGate,
  queueLimiter,
  putBack,
  reservations,
  finishTimes,
  lanes,
} as const satisfies Record<string, Variant>;

export type VariantName = keyof typeof VARIANTS;
