/** What one call of createEvent came to. */
export type SendResult =
  | { readonly kind: 'created'; readonly eventId: string; readonly rateLimit?: RateLimit }
  | FailedCall;

/** What a call came to that did not do what it was made for. */
export type FailedCall =
  /** Botpress answered no. Nothing was created. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly rateLimit?: RateLimit }
  /** The request never left: nothing can have been created. */
  | { readonly kind: 'not_sent'; readonly why: string }
  /** The request left and its answer is not known: the event may or may not be there. */
  | { readonly kind: 'ambiguous'; readonly why: string };

export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** Botpress' error type, e.g. `InvalidPayload`; `Unknown` if the body had none. */
  readonly type: string;
  readonly message: string;
  /** Botpress' id of the error, for its support. */
  readonly errorId?: string;
  /** Milliseconds, from `Retry-After` in either of its forms. */
  readonly retryAfter?: number;
}

/** What an answer's `RateLimit-*` headers said of the bot's limit. */
export interface RateLimit {
  /** Calls a minute. */
  readonly limit?: number;
  /** How many are left. */
  readonly remaining?: number;
  /** Milliseconds until there is room again. */
  readonly reset?: number;
}

/** What a look for the event of a delivery came to. */
export type LookupResult =
  | { readonly kind: 'found'; readonly eventId: string }
  /** Whatever was created since the attempt began has been seen, and it is not among it. */
  | { readonly kind: 'absent' }
  /** Botpress could not be asked, or not far enough back. Nothing follows from it. */
  | { readonly kind: 'unknown'; readonly why: string }
  /** Botpress answered no. Nothing follows from it either. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What is looked for. */
export interface EventQuery {
  /** As it was sent: without the integration's name. */
  readonly type: string;
  readonly deliveryId: string;
  /** When the attempt began that may have created it, in milliseconds since the epoch. */
  readonly startedAt: number;
}
