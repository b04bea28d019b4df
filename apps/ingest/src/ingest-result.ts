import type { Issue } from '@sluice/events';
import type { Enqueued, EnqueueRejectionReason } from '@sluice/queue';
import type { NoRoom } from './in-flight.ts';

/** What became of one webhook, decided once and answered once. `why` and `detail` are safe to log. */
export type IngestResult =
  /** At least one delivery is new. */
  | { readonly kind: 'accepted'; readonly deliveries: readonly Enqueued[] }
  /** All of its deliveries had been accepted before. */
  | { readonly kind: 'duplicate'; readonly deliveries: readonly Enqueued[] }
  /** Authentic, but of topics that nobody asked for. */
  | { readonly kind: 'ignored' }
  /** Authentic, but its input does not fit: stored, and dead as soon as the worker sees it. */
  | {
      readonly kind: 'quarantined';
      readonly deliveries: readonly Enqueued[];
      readonly issues: readonly Issue[];
    }
  /** The same where the sender is the user's own code and wants to be told; nothing is stored. */
  | { readonly kind: 'rejected'; readonly issues: readonly Issue[] }
  | { readonly kind: 'unauthenticated'; readonly why: string }
  | { readonly kind: 'malformed'; readonly detail: string }
  /** Where its body ends is in doubt. */
  | { readonly kind: 'misframed'; readonly detail: string }
  | { readonly kind: 'unsupported'; readonly detail: string }
  | { readonly kind: 'too_large'; readonly limit: number }
  /** `reason` and `why` are for the operator; the sender is only told when to come back. */
  | { readonly kind: 'unavailable'; readonly reason: EnqueueRejectionReason | NoRoom; readonly why: string };
