import type { Connection, Connections } from '@sluice/config';
import { type ComplianceDefinition, type Delivery, readComplianceRequest } from '@sluice/events';
import type { Logger } from '@sluice/observability';
import type { DeliveryOutcome, Eraser, Erasure } from '@sluice/queue';

export interface ComplianceDependencies {
  readonly eraser: Pick<Eraser, 'erase'>;
  readonly audit: ComplianceAudit;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** A compliance topic's delivery, and where it came in. */
export interface ComplianceRequest {
  readonly definition: ComplianceDefinition;
  readonly delivery: Delivery;
  readonly connection: Connection;
  readonly connections: Connections;
}

export type HandleCompliance = (request: ComplianceRequest) => Promise<DeliveryOutcome>;

/** Milliseconds until an erasure looks again: what was being sent is settled, or a dead worker's lock ran out. */
const LOOK_AGAIN = 15_000;

/** Milliseconds until an erasure that Redis interrupted goes on. */
const RESUME = 30_000;

/** Milliseconds until an erasure asks again whether the one before it is done. */
const TURN = 2_000;

/**
 * Makes what does as the platform asks: record, or erase. One erasure at a time in a process, for each reads
 * the whole queue, and many come at once; the others wait in the queue and not in a worker's places.
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
    if (isErasing) return { kind: 'paced', until: Math.ceil(now() + TURN * (1 + random())) };

    isErasing = true;
    try {
      const isOfApp = ofSameApp(connection, connections);
      const concerns = (stored: Delivery) => isOfApp(stored.connection) && reading.concerns(stored);
      const erasure = await eraser.erase({ concerns, request: delivery.id });
      audit({ ...about, action: 'erase', erasure });
      return decideErasure(erasure);
    } finally {
      isErasing = false;
    }
  };
}

/** An erasure is done when a pass met nothing that it had to leave. It waits for that however long it takes. */
function decideErasure({ interrupted, inFlight, pending, delivered, dead }: Erasure): DeliveryOutcome {
  if (interrupted !== undefined)
    return { kind: 'retry', after: RESUME, reason: `interrupted: ${interrupted}` };
  if (inFlight > 0) return { kind: 'retry', after: LOOK_AGAIN, reason: `${inFlight} are being worked on` };
  return { kind: 'erased', removed: pending + delivered + dead };
}

/**
 * Tells which connections a request may reach: its own, and those that verify with one of its secrets.
 *
 * One shop may send to several connections of an app. But who signs with a secret of their own may say any
 * shop's name, and must not erase what came in under another's.
 */
function ofSameApp(own: Connection, connections: Connections): (id: string) => boolean {
  const secrets = new Set(own.secrets.map((secret) => secret.reveal()));
  return (id) => {
    if (id === own.id) return true;
    const other = connections.get(id);
    return (
      other?.source.name === own.source.name && other.secrets.some((secret) => secrets.has(secret.reveal()))
    );
  };
}

interface About {
  /** The request. Of it only what names no person is written. */
  readonly delivery: Delivery;
  /** Whose data it is about: a shop, never a person. */
  readonly account: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export type ComplianceAuditEntry =
  | (About & { readonly action: 'record' })
  /** One pass; an erasure that met deliveries in flight, or was interrupted, has several. */
  | (About & { readonly action: 'erase'; readonly erasure: Erasure });

export type ComplianceAudit = (entry: ComplianceAuditEntry) => void;

/** Makes what writes audit lines: `audit`, at every LOG_LEVEL, for they prove that a duty was done. */
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
        ...(entry.action === 'erase' ? tell(entry.erasure) : {}),
        deliveryId: delivery.id,
        at: new Date(at).toISOString(),
      },
      'audit',
    );
  };
}

function tell({ pending, delivered, dead, inFlight, interrupted }: Erasure): Record<string, unknown> {
  return {
    removed: pending + delivered + dead,
    pending,
    delivered,
    dead,
    inFlight,
    complete: inFlight === 0 && interrupted === undefined,
  };
}
