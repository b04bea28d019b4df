import type { Connection, Connections } from '@sluice/config';
import {
  type BotpressEvent,
  type ComplianceDefinition,
  type Delivery,
  findCompliance,
  findEvent,
  mapDelivery,
} from '@sluice/events';
import type { DeadReason, DeliveryOutcome, Taken } from '@sluice/queue';

/** What a delivery is good for. What is known of it is told whatever came of it, for log and metrics. */
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
      readonly kind: 'duty';
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

/** Makes the event of a delivery, without a call: read, find its connection and definition, map. */
export function prepareEvent(connections: Connections, { reading }: Pick<Taken, 'reading'>): Prepared {
  if (!reading.ok) return { kind: 'dead', outcome: dead('invalid_input', reading.why) };
  const { delivery } = reading;

  const connection = connections.get(delivery.connection);
  if (!connection) {
    const outcome = dead('unknown_connection', `no connection ${delivery.connection}`);
    return { kind: 'dead', delivery, outcome };
  }
  const duty = findCompliance(connection.source, delivery.topic);
  if (duty) return { kind: 'duty', delivery, connection, definition: duty };

  const definition = findEvent(connection.events, delivery.topic);
  if (!definition) {
    const outcome = dead('invalid_input', `no event is defined for ${delivery.topic}`);
    return { kind: 'dead', delivery, outcome };
  }
  const mapping = mapDelivery(definition, delivery, connection.settings);
  if (mapping.ok) return { kind: 'ready', delivery, connection, event: mapping.event };
  const { reason, message, issues } = mapping;
  return {
    kind: 'dead',
    delivery,
    event: definition.name,
    outcome: { kind: 'dead', reason, detail: { message, issues } },
  };
}

function dead(reason: DeadReason, message: string): DeliveryOutcome {
  return { kind: 'dead', reason, detail: { message } };
}
