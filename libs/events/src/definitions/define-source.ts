import type { z } from 'zod';
import type { Lookups } from '../delivery/search-terms.ts';
import type { ParsedWebhook, UnverifiedWebhook } from '../verification/webhook.ts';
import type { ComplianceDefinition } from './define-compliance.ts';
import type { EventDefinition } from './define-event.ts';
import type { SourceLink } from './define-link.ts';
import type { SourceSamples } from './samples.ts';

/** What a source's verifier receives besides the webhook. */
export interface Credentials<Settings> {
  /** Any of them may verify; never empty. */
  readonly secrets: readonly string[];
  readonly settings: Settings;
}

/**
 * The result of a source's verifier. `why` goes to the operator's log, never to the sender; it holds no
 * secret.
 */
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** The result of a handshake. `challenge` is the plain-text response body. */
export type HandshakeResult = { readonly ok: true; readonly challenge: string } | { readonly ok: false };

/** One occurrence found in a webhook. */
export interface UnpackedItem {
  readonly topic: string;
  /** Each source documents in its `unpack.ts` what the key consists of and why. */
  readonly idempotencyKey: string;
  /** The exact text of this item. */
  readonly body: string;
  /** The parsed form of `body`. */
  readonly input: unknown;
  /** Milliseconds since the epoch. */
  readonly occurredAt?: number;
}

/**
 * A platform: how its webhooks are verified and unpacked, and which events they become.
 *
 * Modules outside this repository return objects of this form, and libs/config rejects unknown fields, so the
 * field names are a public interface.
 */
export interface SourceDefinition<Settings = unknown> {
  /** The name in the connections file: lower-case letters, digits and dashes. */
  readonly name: string;
  readonly title: string;
  /** Validates the `settings` of a connection when the connections file is loaded. */
  readonly settings: z.ZodType<Settings>;
  /**
   * Larger bodies get a 413. Default 8 MiB, equal for all sources so that the limit reveals no connection.
   */
  readonly maxBodyBytes?: number;
  /** How long a resend counts as a duplicate, in milliseconds; longer than the platform keeps retrying. */
  readonly deduplicationWindow: number;
  /** The platform's response deadline in milliseconds. Later 2xx responses count as late. Default 5,000. */
  readonly answerWithin?: number;
  /** Names, in lower case, of the headers stored with the delivery. */
  readonly keepHeaders: readonly string[];
  /** Verifies the sender from the raw bytes and headers only. */
  verify(webhook: UnverifiedWebhook, credentials: Credentials<Settings>): Verdict;
  /** Splits a webhook into items. Never throws for verified JSON of any shape. */
  unpack(parsed: ParsedWebhook, settings: Settings): readonly UnpackedItem[];
  /**
   * Returns whether the settings exclude the actor of an item, such as the bot's own user, whose actions would
   * trigger the bot again. Such items become no delivery. Never throws.
   */
  ignoresActor?(input: unknown, settings: Settings): boolean;
  /** Answers the GET request by which some platforms verify an address before they use it. */
  handshake?(query: Readonly<Record<string, string>>, credentials: Credentials<Settings>): HandshakeResult;
  /**
   * `empty` if the platform would act on a response body. Default `details`: result and delivery ids as JSON.
   */
  readonly reply?: 'details' | 'empty';
  readonly events: readonly EventDefinition<Settings>[];
  /** Returns the events that a connection's settings define. Called when the connections file is loaded. */
  eventsOf?(settings: Settings): readonly EventDefinition<Settings>[];
  /** Topics that every connection of the source accepts and cannot disable, and that become no event. */
  readonly compliance?: readonly ComplianceDefinition[];
  /** Routes `POST /webhooks/<source>`, one address for many accounts, to the connection of an account. */
  readonly account?: {
    /** Returns the account that an unverified webhook claims. */
    ofWebhook(webhook: UnverifiedWebhook): string | undefined;
    /** Returns the account of a connection. */
    ofSettings(settings: Settings): string | undefined;
  };
  /** The names by which operators search deliveries of this source, e.g. `order_id`, and their places. */
  readonly lookups?: Lookups;
  /** How the `link` setting of a connection finds the conversation, user and message of an event by default. */
  readonly link?: SourceLink;
  /**
   * Setup steps on the platform, a sentence or more each; `{url}` is replaced by the connection's address.
   */
  readonly setUp?: readonly string[];
  /** Realistic webhooks for `sluice send`, the console, the demo and tests. */
  readonly samples?: SourceSamples<Settings>;
}

export const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Milliseconds; most platforms allow five seconds. */
export const DEFAULT_ANSWER_WITHIN = 5_000;

/** Defines a source. Returns its argument; the types ensure that the settings of source and mappers agree. */
export function defineSource<Settings>(source: SourceDefinition<Settings>): SourceDefinition<Settings> {
  return source;
}
