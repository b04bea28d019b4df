import type { Issue } from '@sluice/events';

/** All reasons for which a delivery is dead: it is not attempted again unless an operator replays it. */
export const DEAD_REASONS = [
  'invalid_input',
  'mapper_threw',
  'invalid_event',
  'rejected',
  'too_large',
  'retries_exhausted',
  'crashed',
  'ambiguous',
  'unknown_connection',
  'bot_failed',
  'bot_ignored',
  'forward_rejected',
] as const;

export type DeadReason = (typeof DEAD_REASONS)[number];

/** The details of a failure that operators see. It never holds a value of the payload or a secret. */
export interface FailureDetail extends UpstreamError {
  readonly message: string;
  readonly issues?: readonly Issue[];
  /** The event that the bot failed or ignored. */
  readonly eventId?: string;
}

/** Botpress' answer to a failed attempt. */
export interface UpstreamError {
  /** HTTP status, and the type and id of Botpress' error. */
  readonly status?: number;
  readonly type?: string;
  readonly errorId?: string;
}

/** The queue of one connection for its bot, in which deliveries wait for a permit. */
export interface ConnectionQueue {
  readonly connection: string;
  readonly bot: BotLimit;
  /** Weight against other connections of the same bot. */
  readonly share: number;
}

export interface BotLimit {
  readonly id: string;
  readonly eventsPerMinute: number;
  /** Window of the bot's workspace; without it the workspace has no limit. */
  readonly workspace?: WorkspaceWindow;
}

/** The part of a workspace's limit of calls that one shard may use. */
export interface WorkspaceWindow {
  readonly id: string;
  /** Calls a second that the window allows over a longer time. */
  readonly rate: number;
  /** Calls that may start at once after a pause. */
  readonly burst: number;
}

/**
 * Why an attempt is retried: Botpress was not reached; Botpress refused the event temporarily; the answer was lost, so
 * that the event may exist; or a compliance request is not complete yet.
 */
export type RetryCause = 'not_sent' | 'refused' | 'answer_lost' | 'compliance';

/** Why a connection is held: its circuit is open after refusals, or an operator has paused it. */
export type HoldCause = 'refusals' | 'operator';

/**
 * The outcome of one attempt: decided once, finalized once. Only `retry` counts as an attempt. Code decides by `kind`
 * and `cause`; `reason` is text for people. `until` is in milliseconds since the epoch.
 */
export type DeliveryOutcome =
  | { readonly kind: 'delivered'; readonly eventId: string; readonly reconciled: boolean }
  /** `after` is in milliseconds from now. `detail` is present if Botpress answered. */
  | {
      readonly kind: 'retry';
      readonly after: number;
      readonly cause: RetryCause;
      readonly reason: string;
      readonly detail?: FailureDetail;
    }
  /** The delivery waits for a permit in its connection queue; without `lane`, for a fixed time only. */
  | { readonly kind: 'paced'; readonly until: number; readonly lane?: ConnectionQueue }
  /** `status`: HTTP status of the refusal; absent where an operator has paused the connection. */
  | {
      readonly kind: 'held';
      readonly until: number;
      readonly cause: HoldCause;
      readonly reason: string;
      readonly status?: number;
      readonly lane: ConnectionQueue;
    }
  /** The answer of an attempt was lost, and its event may still appear. */
  | { readonly kind: 'verifying'; readonly until: number }
  /** Another worker holds the delivery now. Nothing is finalized here. */
  | { readonly kind: 'lost' }
  /** The erasure that the platform requested is complete. The request itself is removed as well. */
  | { readonly kind: 'erased'; readonly removed: number }
  /** The receiver of a forward returned a 2xx. `remove`: nothing of the webhook is kept. */
  | { readonly kind: 'forwarded'; readonly status: number; readonly remove?: boolean }
  /** The platform sent a notice that is recorded and becomes no event. */
  | { readonly kind: 'recorded' }
  /** `event`: name of the event that the delivery was to become, if known. */
  | {
      readonly kind: 'dead';
      readonly reason: DeadReason;
      readonly detail: FailureDetail;
      readonly event?: string;
    };

/** What is stored of an attempt that completed its delivery, for as long as the delivery is kept. */
export type JobResult =
  | { readonly eventId: string; readonly reconciled: boolean }
  | { readonly removed: number }
  /** HTTP status of the receiver. */
  | { readonly forwarded: number }
  | { readonly recorded: true };
