import type { Connection, Connections } from '@sluice/config';
import {
  type Issue,
  parseWebhook,
  type UnpackedCompliance,
  type UnpackedDelivery,
  type UnverifiedWebhook,
  unpackWebhook,
  validateDelivery,
  verifyWebhook,
} from '@sluice/events';
import type { BacklogPriority, Enqueuer } from '@sluice/queue';
import { findConnection } from './find-connection.ts';
import type { IngestResult } from './ingest-result.ts';

export interface Ingestion {
  readonly connections: Connections;
  readonly enqueuer: Pick<Enqueuer, 'enqueue' | 'countIgnored'>;
  readonly priorities: Pick<BacklogPriority, 'next' | 'giveBack'>;
}

/** What became of a webhook, and whose it was. Of an unknown connection only that is known. */
export interface Ingested {
  readonly result: IngestResult;
  readonly connection: Connection | undefined;
  /** Each delivery's topic and issues, for metrics. */
  readonly deliveries: readonly CheckedDelivery[];
  readonly ignored: number;
}

export type CheckedDelivery = (UnpackedDelivery | UnpackedCompliance) & {
  readonly issues: readonly Issue[];
};

/** Takes a webhook from raw bytes to stored deliveries: find, verify, parse, unpack, validate, enqueue. */
export async function ingestWebhook(
  ingestion: Ingestion,
  address: string,
  webhook: UnverifiedWebhook,
): Promise<Ingested> {
  const { known, connection } = findConnection(ingestion.connections, address, webhook);
  const whose = known ? connection : undefined;
  const end = (result: IngestResult): Ingested => ({ result, connection: whose, deliveries: [], ignored: 0 });

  const { source, settings } = connection;
  const secrets = connection.secrets.map((secret) => secret.reveal());
  const verification = verifyWebhook(source, webhook, { secrets, settings });
  if (!verification.ok) {
    return end({ kind: 'unauthenticated', why: known ? verification.why : 'unknown connection' });
  }

  const parsing = parseWebhook(verification.webhook);
  if (!parsing.ok) return end({ kind: 'malformed', detail: parsing.detail });

  const { wanted, compliance, ignored } = unpackWebhook(source, connection, parsing.parsed);
  const deliveries = [...wanted, ...compliance].map((unpacked) => ({
    ...unpacked,
    issues: validateDelivery(unpacked),
  }));
  const result = await enqueueDeliveries(ingestion, connection, deliveries);
  if (ignored > 0 && isTaken(result)) ingestion.enqueuer.countIgnored(connection.id, ignored);
  return { result, connection: whose, deliveries, ignored };
}

async function enqueueDeliveries(
  { enqueuer, priorities }: Ingestion,
  { id, source, limits, onInvalid }: Connection,
  checked: readonly CheckedDelivery[],
): Promise<IngestResult> {
  if (checked.length === 0) return { kind: 'ignored' };
  const issues = checked.flatMap((delivery) => delivery.issues);
  if (issues.length > 0 && onInvalid === 'reject') return { kind: 'rejected', issues };

  const { deduplicationWindow } = source;
  const { eventsPerMinute } = limits;
  const enqueueing = await enqueuer.enqueue(
    checked.map(({ delivery }) => ({
      delivery,
      deduplicationWindow,
      priority: priorities.next(id, eventsPerMinute),
    })),
  );
  if (!enqueueing.ok) {
    priorities.giveBack(id, eventsPerMinute, checked.length);
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
