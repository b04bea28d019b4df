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
import type { Enqueuer } from '@sluice/queue';
import { findConnection } from './find-connection.ts';
import type { IngestResult } from './ingest-result.ts';

export interface Ingestion {
  readonly connections: Connections;
  readonly enqueuer: Pick<Enqueuer, 'enqueue'>;
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
  { connections, enqueuer }: Ingestion,
  address: string,
  webhook: UnverifiedWebhook,
): Promise<Ingested> {
  const { known, connection } = findConnection(connections, address, webhook);
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
  const asked = [...wanted, ...compliance];
  if (asked.length === 0) return { ...end({ kind: 'ignored' }), ignored };

  const deliveries = asked.map((unpacked) => ({ ...unpacked, issues: validateDelivery(unpacked) }));
  const result = await enqueueDeliveries(enqueuer, connection, deliveries);
  return { result, connection: whose, deliveries, ignored };
}

async function enqueueDeliveries(
  enqueuer: Ingestion['enqueuer'],
  { source, onInvalid }: Connection,
  checked: readonly CheckedDelivery[],
): Promise<IngestResult> {
  const issues = checked.flatMap((delivery) => delivery.issues);
  if (issues.length > 0 && onInvalid === 'reject') return { kind: 'rejected', issues };

  const { deduplicationWindow } = source;
  const enqueueing = await enqueuer.enqueue(
    checked.map(({ delivery }) => ({ delivery, deduplicationWindow })),
  );
  if (!enqueueing.ok) return { kind: 'unavailable', why: enqueueing.why };

  const deliveries = enqueueing.enqueued;
  if (deliveries.every(({ duplicate }) => duplicate)) return { kind: 'duplicate', deliveries };
  return issues.length > 0 ? { kind: 'quarantined', deliveries, issues } : { kind: 'accepted', deliveries };
}
