import { type Connection, type Connections, forwardId } from '@sluice/config';
import {
  type Delivery,
  type IgnoredBy,
  type Issue,
  parseWebhook,
  toForward,
  type UnpackedComplianceRequest,
  type UnpackedDelivery,
  type UnpackedItem,
  type UnverifiedWebhook,
  unpackWebhook,
  type VerifiedWebhook,
  validateDelivery,
  verifyWebhook,
} from '@sluice/events';
import type { Span, Tracing } from '@sluice/observability';
import type {
  BacklogPriority,
  Enqueued,
  EnqueueRejectionReason,
  EnqueueRequest,
  Enqueuer,
} from '@sluice/queue';
import { findConnection } from './find-connection.ts';
import type { InFlightLimit } from './in-flight.ts';

export interface IngestDependencies {
  readonly connections: Connections;
  readonly enqueuerFor: (botId: string) => Pick<Enqueuer, 'enqueue' | 'countIgnored'>;
  readonly priorities: Pick<BacklogPriority, 'next' | 'refund'>;
  /** Undefined if tracing is off. */
  readonly tracing?: Tracing | undefined;
}

/** Outcome of a webhook, decided once and mapped to one HTTP response. `why` and `detail` are safe to log. */
export type IngestResult =
  /** At least one delivery is new. */
  | { readonly kind: 'accepted'; readonly deliveries: readonly Enqueued[] }
  /** All deliveries were accepted before. */
  | { readonly kind: 'duplicate'; readonly deliveries: readonly Enqueued[] }
  /** Verified, and the connection ignores all of it. */
  | { readonly kind: 'ignored' }
  /** Verified but failing schema validation: stored, and a dead letter as soon as a worker takes it. */
  | {
      readonly kind: 'quarantined';
      readonly deliveries: readonly Enqueued[];
      readonly issues: readonly Issue[];
    }
  /** Verified but failing schema validation, with `onInvalid: reject`: nothing is stored. */
  | { readonly kind: 'rejected'; readonly issues: readonly Issue[] }
  | { readonly kind: 'unauthenticated'; readonly why: string }
  | { readonly kind: 'malformed'; readonly detail: string }
  /** The end of the body is ambiguous. */
  | { readonly kind: 'misframed'; readonly detail: string }
  | { readonly kind: 'unsupported'; readonly detail: string }
  | { readonly kind: 'too_large'; readonly limit: number }
  /** Not stored. `reason` and `why` are for the operator; the sender gets Retry-After only. */
  | {
      readonly kind: 'unavailable';
      readonly reason: EnqueueRejectionReason | InFlightLimit;
      readonly why: string;
    };

/** An ingested webhook, for response, metrics, log and trace. */
export interface Ingested {
  readonly result: IngestResult;
  /** Undefined if no connection matches. */
  readonly connection: Connection | undefined;
  readonly deliveries: readonly ValidatedDelivery[];
  /** Number of items that became no delivery. */
  readonly ignored: number;
  /** The same number by reason. */
  readonly ignoredBy: IgnoredBy;
  /** The delivery that forwards the webhook, if it is stored. */
  readonly forward?: Enqueued | undefined;
}

/** A delivery without its parsed input, which would otherwise stay in memory until Redis responds. */
export type ValidatedDelivery = (
  | Omit<UnpackedDelivery, 'input'>
  | Omit<UnpackedComplianceRequest, 'input'>
) & {
  readonly issues: readonly Issue[];
};

/**
 * Turns a webhook into stored deliveries: findConnection, verifyWebhook, parseWebhook, unpackWebhook,
 * validateDelivery, enqueueDeliveries.
 *
 * @param span span of the webhook, if it is traced
 */
export async function ingestWebhook(
  dependencies: IngestDependencies,
  address: string,
  webhook: UnverifiedWebhook,
  span?: Span,
): Promise<Ingested> {
  const match = findConnection(dependencies.connections, address, webhook);
  const connection = match.known ? match.connection : undefined;
  const extracted = extractDeliveries(match.connection, webhook);
  if (!extracted.ok) {
    const why = match.known ? extracted.why : 'unknown connection';
    return { result: { kind: 'unauthenticated', why }, connection, deliveries: [], ...NONE_IGNORED };
  }
  const { deliveries, ignored, ignoredBy } = extracted;
  const { result, forward } = await storeWebhook(dependencies, match.connection, extracted, span);
  if (ignored > 0 && isAcknowledged(result)) {
    const { id, botpress } = match.connection;
    dependencies.enqueuerFor(botpress.botId).countIgnored(id, ignored);
  }
  return { result, connection, deliveries, ignored, ignoredBy, ...(forward ? { forward } : {}) };
}

export const NONE_IGNORED = { ignored: 0, ignoredBy: {} } as const;

type Extracted = ExtractedWebhook | { readonly ok: false; readonly why: string };

/** What a verified webhook contains. */
interface ExtractedWebhook extends Pick<Ingested, 'deliveries' | 'ignored' | 'ignoredBy'> {
  readonly ok: true;
  /** Why it cannot be parsed. */
  readonly malformed?: string;
  /** The delivery that forwards it, if its connection forwards. */
  readonly forward: Delivery | undefined;
}

/** The steps without I/O. Synchronous, so that the parsed body is released before the wait for Redis. */
function extractDeliveries(connection: Connection, webhook: UnverifiedWebhook): Extracted {
  const { source, settings } = connection;
  const secrets = connection.secrets.map((secret) => secret.reveal());
  const verification = verifyWebhook(source, webhook, { secrets, settings });
  if (!verification.ok) return verification;
  const verified = verification.webhook;
  const parsing = parseWebhook(verified);
  if (!parsing.ok) {
    const forward = forwardOf(connection, secrets, verified, []);
    return { ok: true, malformed: parsing.detail, deliveries: [], ...NONE_IGNORED, forward };
  }
  const unpacked = unpackWebhook(source, connection, parsing.parsed);
  const deliveries = [...unpacked.deliveries, ...unpacked.compliance].map((item) => {
    const { input: _, ...delivery } = item;
    return { ...delivery, issues: validateDelivery(item) };
  });
  const { ignored, ignoredBy, items } = unpacked;
  return {
    ok: true,
    deliveries,
    ignored,
    ignoredBy,
    forward: forwardOf(connection, secrets, verified, items),
  };
}

/** Returns the delivery that forwards a webhook, regardless of its topics and the validity of its input. */
function forwardOf(
  { id, source, forward }: Connection,
  secrets: readonly string[],
  webhook: VerifiedWebhook,
  items: readonly UnpackedItem[],
): Delivery | undefined {
  if (!forward) return undefined;
  return toForward({ connection: forwardId(id), source: source.name, secrets, webhook, items });
}

/** The result of a verified webhook, and its stored forward. */
type Stored = Pick<Ingested, 'result' | 'forward'>;

/** Stores the deliveries of a webhook and its forward in one write. */
async function storeWebhook(
  dependencies: IngestDependencies,
  connection: Connection,
  webhook: ExtractedWebhook,
  parent: Span | undefined,
): Promise<Stored> {
  const { deliveries, forward } = webhook;
  const withoutDeliveries = resultWithoutDeliveries(connection, webhook);
  const stored = withoutDeliveries ? [] : deliveries;
  if (withoutDeliveries && !forward) return { result: withoutDeliveries };

  const { enqueuerFor, tracing } = dependencies;
  const span = parent && tracing?.start('enqueue', { kind: 'producer', parent: parent.traceparent });
  const requests = toRequests(dependencies, connection, stored, forward, span?.traceparent);
  const enqueueing = await enqueuerFor(connection.botpress.botId).enqueue(requests);
  if (!enqueueing.ok) span?.fail(enqueueing.why);
  span?.end();
  if (!enqueueing.ok) {
    refundPriorities(dependencies, connection, stored.length, forward);
    return { result: { kind: 'unavailable', reason: enqueueing.reason, why: enqueueing.why } };
  }
  const { enqueued } = enqueueing;
  if (!forward) return { result: toResult(deliveries, enqueued) };
  const result = withoutDeliveries ?? toResult(deliveries, enqueued.slice(0, -1));
  return { result, forward: enqueued.at(-1) };
}

/** Returns the result of a webhook of which no delivery is stored. */
function resultWithoutDeliveries(
  { onInvalid }: Connection,
  { malformed, deliveries }: ExtractedWebhook,
): IngestResult | undefined {
  if (malformed !== undefined) return { kind: 'malformed', detail: malformed };
  if (deliveries.length === 0) return { kind: 'ignored' };
  const issues = onInvalid === 'reject' ? issuesOf(deliveries) : [];
  return issues.length > 0 ? { kind: 'rejected', issues } : undefined;
}

function toRequests(
  { priorities }: IngestDependencies,
  { id, source: { deduplicationWindow }, limits, forward: target }: Connection,
  deliveries: readonly ValidatedDelivery[],
  forward: Delivery | undefined,
  trace: string | undefined,
): EnqueueRequest[] {
  const requests: EnqueueRequest[] = deliveries.map(({ delivery }) => ({
    delivery,
    deduplicationWindow,
    priority: priorities.next(id, limits.eventsPerMinute),
    trace,
  }));
  if (!forward || !target) return requests;
  const priority = priorities.next(forward.connection, target.perMinute);
  requests.push({ delivery: forward, deduplicationWindow, priority, trace });
  return requests;
}

function refundPriorities(
  { priorities }: IngestDependencies,
  { id, limits, forward: target }: Connection,
  count: number,
  forward: Delivery | undefined,
): void {
  priorities.refund(id, limits.eventsPerMinute, count);
  if (forward && target) priorities.refund(forward.connection, target.perMinute, 1);
}

function toResult(validated: readonly ValidatedDelivery[], deliveries: readonly Enqueued[]): IngestResult {
  if (deliveries.every(({ duplicate }) => duplicate)) return { kind: 'duplicate', deliveries };
  const issues = issuesOf(validated);
  return issues.length > 0 ? { kind: 'quarantined', deliveries, issues } : { kind: 'accepted', deliveries };
}

function issuesOf(validated: readonly ValidatedDelivery[]): readonly Issue[] {
  return validated.flatMap((delivery) => delivery.issues);
}

/** Whether the sender gets a 2xx, so that it does not resend. */
function isAcknowledged(result: IngestResult): boolean {
  return 'deliveries' in result || result.kind === 'ignored';
}
