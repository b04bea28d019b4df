import type { Issue } from '@sluice/events';
import type { ConnectionQueue } from '../scheduler/types.ts';

/** Why a delivery will not be tried again unless someone replays it. */
export type DeadReason =
  | 'invalid_input'
  | 'mapper_threw'
  | 'invalid_event'
  | 'rejected'
  | 'too_large'
  | 'retries_exhausted'
  | 'crashed'
  | 'ambiguous'
  | 'unknown_connection';

/** What an operator is told of a dead letter; never a value of its payload, never a secret. */
export interface FailureDetail extends UpstreamError {
  readonly message: string;
  readonly issues?: readonly Issue[];
}

/** What Botpress said of an attempt that failed. */
export interface UpstreamError {
  /** HTTP status, and Botpress' own words for the error. */
  readonly status?: number;
  readonly type?: string;
  readonly errorId?: string;
}

/**
 * What became of one taking, decided once and settled once. Only `retry` costs an attempt. `until` is in
 * milliseconds since the epoch.
 */
export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly eventId: string; readonly reconciled: boolean }
  /** `after` is in milliseconds from now. `detail`: what Botpress said, if it did. */
  | {
      readonly kind: 'retry';
      readonly after: number;
      readonly reason: string;
      readonly detail?: FailureDetail;
    }
  /** It waits for its turn in its lane; without one, only for a time. */
  | { readonly kind: 'paced'; readonly until: number; readonly lane?: ConnectionQueue }
  | { readonly kind: 'held'; readonly until: number; readonly reason: string; readonly lane: ConnectionQueue }
  /** An attempt's answer was lost, and its event may still show. */
  | { readonly kind: 'verifying'; readonly until: number }
  /** Another worker has the delivery by now: nothing is settled here. */
  | { readonly kind: 'lost' }
  /** The platform asked for an erasure, and it is done: nothing of the request stays either. */
  | { readonly kind: 'erased'; readonly removed: number }
  /** The platform told something that is to be kept and becomes no event. */
  | { readonly kind: 'recorded' }
  /** `event`: name of the event that it was to become, where that is known. */
  | {
      readonly kind: 'dead';
      readonly reason: DeadReason;
      readonly detail: FailureDetail;
      readonly event?: string;
    };
