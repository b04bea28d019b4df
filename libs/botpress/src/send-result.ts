/** What one call of createEvent came to. */
export type SendResult =
  | { readonly kind: 'created'; readonly eventId: string }
  /** Botpress answered no. Nothing was created. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
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
