import type { Refusal } from '@sluice/botpress';
import type { DeliveryOutcome } from '@sluice/queue';
import type { DecisionContext } from './decide-outcome.ts';

/** Milliseconds. The gate calls a refused delivery back, as a probe or when the hold ends; this is its net. */
const HOLD = 3_600_000;

/** Lets a delivery wait in its lane whose bot was refused, without an attempt. */
export function holdDelivery(
  { status, type }: Refusal,
  { now, lane }: Pick<DecisionContext, 'now' | 'lane'>,
): DeliveryOutcome {
  return { kind: 'held', until: now + HOLD, reason: `${status} ${type}`, lane };
}
