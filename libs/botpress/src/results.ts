import type { ApiFacts } from './api-facts.ts';

/** Outcome of one createEvent call. */
export type SendResult =
  | { readonly kind: 'created'; readonly eventId: string; readonly rateLimit?: RateLimit }
  | FailedCall;

/** Outcome of a call without a usable success response. */
export type FailedCall =
  /** Botpress returned an error. Nothing was created. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly rateLimit?: RateLimit }
  /** The request was never sent. Nothing was created. */
  | { readonly kind: 'not_sent'; readonly reason: string }
  /** The request was sent and its response is unknown. The event may exist. */
  | { readonly kind: 'ambiguous'; readonly reason: string };

/** An error response of Botpress. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** Botpress error type, e.g. `InvalidPayload`; `Unknown` if the body has none. */
  readonly type: string;
  readonly message: string;
  /** Error id that Botpress support asks for. */
  readonly errorId?: string;
  /** Milliseconds to wait, from `Retry-After` in seconds or as a date. */
  readonly retryAfter?: number;
}

/** What the `RateLimit-*` headers of a response state for certain. */
export interface RateLimit {
  /** Calls per minute. Only with a known window, as the next one. */
  readonly limit?: number;
  /** Calls left in the current window. */
  readonly remaining?: number;
  /** Milliseconds until the window has room again. */
  readonly reset?: number;
}

/** Outcome of a lookup of the event of a delivery. */
export type LookupResult =
  | { readonly kind: 'found'; readonly eventId: string }
  /** The list was read back to the start of the attempt and does not contain the event. */
  | { readonly kind: 'absent' }
  /** The list could not be read, or not far enough back. The event may or may not exist. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Botpress returned an error. The event may or may not exist. */
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** The event to look up. */
export interface EventQuery {
  /** Event type as sent, without the integration's name. */
  readonly type: string;
  readonly deliveryId: string;
  /** Events of the delivery from attempts before this one, which do not count. */
  readonly except?: readonly string[];
  /** Another event that must be listed by now. If it is not, the list is behind, and no event is absent. */
  readonly mustBeListed?: string | undefined;
  /** Start of the attempt that may have created the event, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** What a probe of the API showed; without it a lookup is more cautious. */
  readonly facts?: ApiFacts | undefined;
}

/** The records that an event is linked to. */
export interface EventIds {
  readonly conversationId?: string;
  readonly userId?: string;
  readonly messageId?: string;
}
