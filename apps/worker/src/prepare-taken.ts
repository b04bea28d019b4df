import type { Connection, Connections } from '@sluice/config';
import { type BotpressEvent, type ComplianceDefinition, type Delivery, prepareEvent } from '@sluice/events';
import type { DeliveryOutcome, ReservedJob } from '@sluice/queue';

/** What a taken delivery is good for. What is known of it is told whatever came of it, for log and metrics. */
export type Prepared =
  /** Its event, made and checked. */
  | {
      readonly kind: 'ready';
      readonly delivery: Delivery;
      readonly connection: Connection;
      readonly event: BotpressEvent;
    }
  /** The platform's demand, which becomes no event. */
  | {
      readonly kind: 'compliance';
      readonly delivery: Delivery;
      readonly connection: Connection;
      readonly definition: ComplianceDefinition;
    }
  | {
      readonly kind: 'dead';
      readonly delivery?: Delivery;
      readonly event?: string;
      readonly outcome: DeliveryOutcome;
    };

/** Reads a taken delivery, finds its connection and makes its event, without a call. */
export function prepareTaken(connections: Connections, { reading }: Pick<ReservedJob, 'reading'>): Prepared {
  if (!reading.ok) {
    const detail = { message: reading.why };
    return { kind: 'dead', outcome: { kind: 'dead', reason: 'invalid_input', detail } };
  }
  const { delivery } = reading;
  const connection = connections.get(delivery.connection);
  const prepared = prepareEvent(connection, delivery);
  if (prepared.kind === 'dead') {
    const { reason, message, issues, event } = prepared;
    const outcome = { kind: 'dead', reason, detail: { message, ...(issues ? { issues } : {}) } } as const;
    return { kind: 'dead', delivery, outcome, ...(event === undefined ? {} : { event }) };
  }
  // Without a connection nothing else is prepared.
  return { ...prepared, delivery, connection: connection as Connection };
}
