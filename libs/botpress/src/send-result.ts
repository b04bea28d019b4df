/** What one call of createEvent came to. */
export type SendResult =
  | { readonly kind: 'created'; readonly eventId: string; readonly told?: ToldLimit }
  | FailedCall;

/** What a call came to that did not do what it was made for. */
export type FailedCall =
  /** Botpress answered no. Nothing was created. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly told?: ToldLimit }
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
export interface ToldLimit {
  /** Calls a minute. */
  readonly limit?: number;
  /** How many are left. */
  readonly remaining?: number;
  /** Milliseconds until there is room again. */
  readonly reset?: number;
}
