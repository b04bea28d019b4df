import type { z } from 'zod';
import type { ComplianceDefinition } from './define-compliance.ts';
import type { EventDefinition } from './define-event.ts';
import type { Lookups } from './matches-term.ts';
import type { SourceSamples } from './samples.ts';
import type { UnverifiedWebhook, VerifiedWebhook } from './webhook.ts';

/** What a source's verifier works with, besides the webhook. */
export interface Credentials<Settings> {
  /** Any of them verifies; never empty. */
  readonly secrets: readonly string[];
  readonly settings: Settings;
}

/** `why` is for the log of the operator, never for the sender, and holds no secret. */
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** `challenge` is sent back as plain text. */
export type HandshakeResult = { readonly ok: true; readonly challenge: string } | { readonly ok: false };

/** One thing that happened, found in a webhook. */
export interface UnpackedItem {
  readonly topic: string;
  /** See the source's own function for what it is made of and why. */
  readonly idempotencyKey: string;
  /** The exact text of this item. */
  readonly body: string;
  /** The same, parsed. */
  readonly input: unknown;
  /** Milliseconds since the epoch. */
  readonly occurredAt?: number;
}

/** A verified webhook with its body decoded and parsed, once. */
export interface ParsedWebhook {
  readonly webhook: VerifiedWebhook;
  readonly text: string;
  readonly json: unknown;
}

export interface SourceDefinition<Settings = unknown> {
  /** As connections name it: lower case, digits and dashes. */
  readonly name: string;
  readonly title: string;
  /** Checks the `settings` of a connection when the file is loaded. */
  readonly settings: z.ZodType<Settings>;
  /** Larger bodies get 413. Default 4 MiB, for all alike, so that the limit does not tell which connections exist. */
  readonly maxBodyBytes?: number;
  /** How long a resend counts as a duplicate, in milliseconds; longer than the platform keeps retrying. */
  readonly deduplicationWindow: number;
  /**
   * Milliseconds in which the platform wants its answer; an answer of 2xx that takes longer counts as late. Default
   * 5 s, as most have it.
   */
  readonly answerWithin?: number;
  /** Headers kept with the delivery, names in lower case. */
  readonly keepHeaders: readonly string[];
  /** Proves the sender, from raw bytes and headers only. */
  verify(webhook: UnverifiedWebhook, credentials: Credentials<Settings>): Verdict;
  /** Finds what happened. Never throws on authentic JSON of any shape. */
  unpack(parsed: ParsedWebhook, settings: Settings): readonly UnpackedItem[];
  /** Answers the GET with which some platforms prove an address before they use it. */
  handshake?(query: Readonly<Record<string, string>>, credentials: Credentials<Settings>): HandshakeResult;
  /** `empty` where the platform would act on a body. Default `details`: result and delivery ids as JSON. */
  readonly reply?: 'details' | 'empty';
  readonly events: readonly EventDefinition<Settings>[];
  /** Events that a connection's settings name, where users name them. Called when the file is loaded. */
  eventsOf?(settings: Settings): readonly EventDefinition<Settings>[];
  /** Topics that every connection of the source takes, whatever it switches, and that become no event. */
  readonly compliance?: readonly ComplianceDefinition[];
  /** Where one address serves many accounts, `POST /webhooks/<source>`: which account it is. */
  readonly account?: {
    /** Of a webhook, as it claims; nothing is proved yet. */
    ofWebhook(webhook: UnverifiedWebhook): string | undefined;
    /** Of a connection. */
    ofSettings(settings: Settings): string | undefined;
  };
  /** Names by which operators search for deliveries of this source, e.g. `order_id`, and where their values stand. */
  readonly lookups?: Lookups;
  /** The steps on the platform, a sentence or some each; `{url}` stands for the address of the connection. */
  readonly setUp?: readonly string[];
  /** Realistic webhooks for `sluice send`, the console, the demo and tests. */
  readonly samples?: SourceSamples<Settings>;
}

export const DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024;
export const DEFAULT_ANSWER_WITHIN = 5_000;

/** Defines a source. It changes nothing but the types: settings of source and mappers must agree. */
export function defineSource<Settings>(source: SourceDefinition<Settings>): SourceDefinition<Settings> {
  return source;
}
