import type { Delivery } from '@sluice/events';
import type { Logger } from '@sluice/observability';
import type { Erasure } from '@sluice/queue';

interface About {
  /** The request. Of it only what names no person is written. */
  readonly delivery: Delivery;
  /** Whose data it is about: a shop, never a person. */
  readonly account: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export type AuditEntry =
  | (About & { readonly action: 'record' })
  /** One pass; an erasure that met deliveries in flight, or was interrupted, has several. */
  | (About & { readonly action: 'erase'; readonly erasure: Erasure });

export type Audit = (entry: AuditEntry) => void;

/** Makes what writes audit lines: `audit`, at every LOG_LEVEL, for they prove that a duty was done. */
export function createAudit(logger: Logger): Audit {
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
