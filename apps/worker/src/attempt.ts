import type { Delivery } from '@sluice/events';
import type { DeliveryOutcome, Permit } from '@sluice/queue';

/** One attempt at a delivery, as logs, metrics and traces report it. */
export interface Attempt {
  readonly outcome: DeliveryOutcome;
  /** The permit of the attempt; absent if it ended without one. */
  readonly permit?: Extract<Permit, { kind: 'granted' | 'in_doubt' }>;
  /** `undefined` if the job data could not be read. */
  readonly delivery?: Delivery;
  /** Name of the event, where it is known. */
  readonly event?: string;
  /** Set for a webhook that is forwarded and becomes no event. */
  readonly isForward?: true;
  /** Failed attempts before this one. */
  readonly attemptsMade: number;
}
