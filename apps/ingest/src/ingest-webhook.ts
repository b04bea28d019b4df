import type { Connection, Connections } from '@sluice/config';
import {
  type IgnoredBy,
  type Issue,
  parseWebhook,
  type UnpackedComplianceRequest,
  type UnpackedDelivery,
  type UnverifiedWebhook,
  unpackWebhook,
  validateDelivery,
  verifyWebhook,
} from '@sluice/events';
import type { Span, Tracing } from '@sluice/observability';
import type { BacklogPriority, Enqueued, EnqueueRejectionReason, Enqueuer } from '@sluice/queue';
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
    const { result } = extracted;
    const isUnknown = !match.known && result.kind === 'unauthenticated';
    return {
      result: isUnknown ? { ...result, why: 'unknown connection' } : result,
      connection,
      deliveries: [],
      ...NONE_IGNORED,
    };
  }
  const { deliveries, ignored, ignoredBy } = extracted;
  const result = await enqueueDeliveries(dependencies, match.connection, deliveries, span);
  if (ignored > 0 && isAcknowledged(result)) {
    const { id, botpress } = match.connection;
    dependencies.enqueuerFor(botpress.botId).countIgnored(id, ignored);
  }
  return { result, connection, deliveries, ignored, ignoredBy };
}

export const NONE_IGNORED = { ignored: 0, ignoredBy: {} } as const;

type Extracted =
  | ({ readonly ok: true } & Pick<Ingested, 'deliveries' | 'ignored' | 'ignoredBy'>)
  | { readonly ok: false; readonly result: Extract<IngestResult, { kind: 'unauthenticated' | 'malformed' }> };

/** The steps without I/O. Synchronous, so that the parsed body is released before the wait for Redis. */
function extractDeliveries(connection: Connection, webhook: UnverifiedWebhook): Extracted {
  const { source, settings } = connection;
  const secrets = connection.secrets.map((secret) => secret.reveal());
  const verification = verifyWebhook(source, webhook, { secrets, settings });
  if (!verification.ok) return { ok: false, result: { kind: 'unauthenticated', why: verification.why } };
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) return { ok: false, result: { kind: 'malformed', detail: parsing.detail } };
  const unpacked = unpackWebhook(source, connection, parsing.parsed);
  const deliveries = [...unpacked.deliveries, ...unpacked.compliance].map((item) => {
    const { input: _, ...delivery } = item;
    return { ...delivery, issues: validateDelivery(item) };
  });
  const { ignored, ignoredBy } = unpacked;
  return { ok: true, deliveries, ignored, ignoredBy };
}

async function enqueueDeliveries(
  { enqueuerFor, priorities, tracing }: IngestDependencies,
  { id, source, limits, onInvalid, botpress }: Connection,
  validated: readonly ValidatedDelivery[],
  parent: Span | undefined,
): Promise<IngestResult> {
  if (validated.length === 0) return { kind: 'ignored' };
  const issues = validated.flatMap((delivery) => delivery.issues);
  if (issues.length > 0 && onInvalid === 'reject') return { kind: 'rejected', issues };

  const { deduplicationWindow } = source;
  const { eventsPerMinute } = limits;
  const span = parent && tracing?.start('enqueue', { kind: 'producer', parent: parent.traceparent });
  const trace = span?.traceparent;
  const enqueueing = await enqueuerFor(botpress.botId).enqueue(
    validated.map(({ delivery }) => ({
      delivery,
      deduplicationWindow,
      priority: priorities.next(id, eventsPerMinute),
      trace,
    })),
  );
  if (!enqueueing.ok) span?.fail(enqueueing.why);
  span?.end();
  if (!enqueueing.ok) {
    priorities.refund(id, eventsPerMinute, validated.length);
    return { kind: 'unavailable', reason: enqueueing.reason, why: enqueueing.why };
  }

  const deliveries = enqueueing.enqueued;
  if (deliveries.every(({ duplicate }) => duplicate)) return { kind: 'duplicate', deliveries };
  return issues.length > 0 ? { kind: 'quarantined', deliveries, issues } : { kind: 'accepted', deliveries };
}

/** Whether the sender gets a 2xx, so that it does not resend. */
function isAcknowledged(result: IngestResult): boolean {
  return 'deliveries' in result || result.kind === 'ignored';
}
