import type { Refusal } from './send-result.ts';

/** What a look for the event of a delivery came to. */
export type FindResult =
  | { readonly kind: 'found'; readonly eventId: string }
  /** Whatever was created since the attempt began has been seen, and it is not among it. */
  | { readonly kind: 'absent' }
  /** Botpress could not be asked, or not far enough back. Nothing follows from it. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** Botpress answered no. Nothing follows from it either. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What is looked for. */
export interface Sought {
  /** As it was sent: without the integration's name. */
  readonly type: string;
  readonly deliveryId: string;
  /** When the attempt began that may have created it, in milliseconds since the epoch. */
  readonly startedAt: number;
}
