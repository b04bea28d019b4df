import type { Connection, Connections } from '@sluice/config';
import { type ComplianceDefinition, type Delivery, readComplianceRequest } from '@sluice/events';
import type { Logger } from '@sluice/observability';
import type { DeliveryOutcome, Eraser, Erasure } from '@sluice/queue';

export interface ComplianceDependencies {
  readonly eraser: Pick<Eraser, 'erase'>;
  readonly audit: ComplianceAudit;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
}

/** A delivery of a compliance topic and the connection that received it. */
export interface ComplianceRequest {
  readonly definition: ComplianceDefinition;
  readonly delivery: Delivery;
  readonly connection: Connection;
  readonly connections: Connections;
}

export type HandleCompliance = (request: ComplianceRequest) => Promise<DeliveryOutcome>;

/** Milliseconds until an erasure runs again after it met deliveries in flight: they end, or a dead worker's lock expires. */
const RETRY_IN_FLIGHT = 15_000;

/** Milliseconds until an erasure interrupted by Redis runs again. */
const RETRY_INTERRUPTED = 30_000;

/** Milliseconds until an erasure checks again whether the previous one has finished. */
const RETRY_BUSY = 2_000;

/**
 * Returns the handler of compliance requests, which records or erases as the platform demands. A process runs one
 * erasure at a time, because each reads the whole queue and platforms send many at once. The others wait in the queue,
 * not in a worker slot.
 */
export function createComplianceHandler({
  eraser,
  audit,
  now,
  random,
}: ComplianceDependencies): HandleCompliance {
  let isErasing = false;
  return async ({ definition, delivery, connection, connections }) => {
    const reading = readComplianceRequest(definition, delivery);
    if (!reading.ok) {
      const { message, issues } = reading;
      return { kind: 'dead', reason: 'invalid_input', detail: { message, issues } };
    }
    const { account } = reading;
    const about = { delivery, account, at: now() };
    if (reading.action === 'record') {
      audit({ ...about, action: 'record' });
      return { kind: 'recorded' };
    }
    if (isErasing) return { kind: 'paced', until: Math.ceil(now() + RETRY_BUSY * (1 + random())) };

    isErasing = true;
    try {
      const isSameApp = sameAppAs(connection, connections);
      const concerns = (stored: Delivery) => isSameApp(stored.connection) && reading.concerns(stored);
      const erasure = await eraser.erase({ concerns, request: delivery.id });
      audit({ ...about, action: 'erase', erasure });
      return decideErasure(erasure);
    } finally {
      isErasing = false;
    }
  };
}

/** An erasure ends with the first pass that skips nothing. It retries without a limit until then. */
function decideErasure({ interrupted, inFlight, pending, delivered, dead }: Erasure): DeliveryOutcome {
  if (interrupted !== undefined) {
    return {
      kind: 'retry',
      after: RETRY_INTERRUPTED,
      cause: 'compliance',
      reason: `interrupted: ${interrupted}`,
    };
  }
  if (inFlight > 0) {
    return {
      kind: 'retry',
      after: RETRY_IN_FLIGHT,
      cause: 'compliance',
      reason: `${inFlight} deliveries in flight`,
    };
  }
  return { kind: 'erased', removed: pending + delivered + dead };
}

/**
 * Returns whether a request of `own` may reach another connection: itself, or one that shares a secret with it.
 *
 * One shop may send to several connections of an app. A sender that signs with its own secret can name any shop and
 * must not erase deliveries of another app.
 */
function sameAppAs(own: Connection, connections: Connections): (id: string) => boolean {
  const secrets = new Set(own.secrets.map((secret) => secret.reveal()));
  return (id) => {
    if (id === own.id) return true;
    const other = connections.get(id);
    return (
      other?.source.name === own.source.name && other.secrets.some((secret) => secrets.has(secret.reveal()))
    );
  };
}

interface ComplianceAuditContext {
  /** The request. Only the parts that identify no person are logged. */
  readonly delivery: Delivery;
  /** The account concerned: a shop, never a person. */
  readonly account: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export type ComplianceAuditEntry =
  | (ComplianceAuditContext & { readonly action: 'record' })
  /** One pass. An erasure that met deliveries in flight or was interrupted has several. */
  | (ComplianceAuditContext & { readonly action: 'erase'; readonly erasure: Erasure });

export type ComplianceAudit = (entry: ComplianceAuditEntry) => void;

/** Returns the audit log of compliance requests. It logs `audit` at every LOG_LEVEL, as proof of compliance. */
export function createComplianceAudit(logger: Logger): ComplianceAudit {
  const lines = logger.child({}, { level: 'info' });
  return (entry) => {
    const { delivery, account, action, at } = entry;
    lines.info(
      {
        action,
        source: delivery.source,
        connection: delivery.connection,
        topic: delivery.topic,
        account,
        ...(entry.action === 'erase' ? erasureFields(entry.erasure) : {}),
        deliveryId: delivery.id,
        at: new Date(at).toISOString(),
      },
      'audit',
    );
  };
}

function erasureFields({
  pending,
  delivered,
  dead,
  inFlight,
  interrupted,
}: Erasure): Record<string, unknown> {
  return {
    removed: pending + delivered + dead,
    pending,
    delivered,
    dead,
    inFlight,
    complete: inFlight === 0 && interrupted === undefined,
  };
}
