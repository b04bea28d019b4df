import type { Connection, Connections } from '@sluice/config';
import {
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
import type { BacklogPriority, Enqueuer } from '@sluice/queue';
import { findConnection } from './find-connection.ts';
import type { IngestResult } from './ingest-result.ts';

export interface Ingestion {
  readonly connections: Connections;
  /** What enqueues the deliveries for a bot. */
  readonly enqueuerFor: (botId: string) => Pick<Enqueuer, 'enqueue' | 'countIgnored'>;
  readonly priorities: Pick<BacklogPriority, 'next' | 'refund'>;
  /** There only if it is on. */
  readonly tracing?: Tracing | undefined;
}

/** What became of a webhook, and whose it was. Of an unknown connection only that is known. */
export interface Ingested {
  readonly result: IngestResult;
  readonly connection: Connection | undefined;
  /** Each delivery's topic and issues, for metrics. */
  readonly deliveries: readonly CheckedDelivery[];
  readonly ignored: number;
}

/** A delivery and what it is of. Its parsed input is let go: it would outlive the wait for Redis. */
export type CheckedDelivery = (Omit<UnpackedDelivery, 'input'> | Omit<UnpackedComplianceRequest, 'input'>) & {
  readonly issues: readonly Issue[];
};

/**
 * Takes a webhook from raw bytes to stored deliveries: find, verify, parse, unpack, validate, enqueue.
 *
 * @param span of the webhook, if it is traced
 */
export async function ingestWebhook(
  ingestion: Ingestion,
  address: string,
  webhook: UnverifiedWebhook,
  span?: Span,
): Promise<Ingested> {
  const { known, connection } = findConnection(ingestion.connections, address, webhook);
  const whose = known ? connection : undefined;
  const examined = examineWebhook(connection, webhook);
  if (!examined.ok) {
    const { refusal } = examined;
    const isStranger = !known && refusal.kind === 'unauthenticated';
    const result = isStranger ? { ...refusal, why: 'unknown connection' } : refusal;
    return { result, connection: whose, deliveries: [], ignored: 0 };
  }
  const { deliveries, ignored } = examined;
  const result = await enqueueDeliveries(ingestion, connection, deliveries, span);
  if (ignored > 0 && isTaken(result)) {
    ingestion.enqueuerFor(connection.botpress.botId).countIgnored(connection.id, ignored);
  }
  return { result, connection: whose, deliveries, ignored };
}

type Examined =
  | { readonly ok: true; readonly deliveries: readonly CheckedDelivery[]; readonly ignored: number }
  | {
      readonly ok: false;
      readonly refusal: Extract<IngestResult, { kind: 'unauthenticated' | 'malformed' }>;
    };

/** What needs no Redis: verify, parse, unpack, validate. */
function examineWebhook(connection: Connection, webhook: UnverifiedWebhook): Examined {
  const { source, settings } = connection;
  const secrets = connection.secrets.map((secret) => secret.reveal());
  const verification = verifyWebhook(source, webhook, { secrets, settings });
  if (!verification.ok) {
    return { ok: false, refusal: { kind: 'unauthenticated', why: verification.why } };
  }
  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) return { ok: false, refusal: { kind: 'malformed', detail: parsing.detail } };

  const { deliveries: wanted, compliance, ignored } = unpackWebhook(source, connection, parsing.parsed);
  const deliveries = [...wanted, ...compliance].map((unpacked) => {
    const { input: _, ...checked } = unpacked;
    return { ...checked, issues: validateDelivery(unpacked) };
  });
  return { ok: true, deliveries, ignored };
}

async function enqueueDeliveries(
  { enqueuerFor, priorities, tracing }: Ingestion,
  { id, source, limits, onInvalid, botpress }: Connection,
  checked: readonly CheckedDelivery[],
  webhook: Span | undefined,
): Promise<IngestResult> {
  if (checked.length === 0) return { kind: 'ignored' };
  const issues = checked.flatMap((delivery) => delivery.issues);
  if (issues.length > 0 && onInvalid === 'reject') return { kind: 'rejected', issues };

  const { deduplicationWindow } = source;
  const { eventsPerMinute } = limits;
  const span = webhook && tracing?.start('enqueue', { kind: 'producer', parent: webhook.traceparent });
  const trace = span?.traceparent;
  const enqueueing = await enqueuerFor(botpress.botId).enqueue(
    checked.map(({ delivery }) => ({
      delivery,
      deduplicationWindow,
      priority: priorities.next(id, eventsPerMinute),
      trace,
    })),
  );
  if (!enqueueing.ok) span?.fail(enqueueing.why);
  span?.end();
  if (!enqueueing.ok) {
    priorities.refund(id, eventsPerMinute, checked.length);
    return { kind: 'unavailable', reason: enqueueing.reason, why: enqueueing.why };
  }

  const deliveries = enqueueing.enqueued;
  if (deliveries.every(({ duplicate }) => duplicate)) return { kind: 'duplicate', deliveries };
  return issues.length > 0 ? { kind: 'quarantined', deliveries, issues } : { kind: 'accepted', deliveries };
}

/** Whether the sender is told not to send it again. */
function isTaken(result: IngestResult): boolean {
  return 'deliveries' in result || result.kind === 'ignored';
}
