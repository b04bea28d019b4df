import { type ChosenEvents, findEvent } from './choose-events.ts';
import type { ComplianceDefinition } from './define-compliance.ts';
import type { SourceDefinition } from './define-source.ts';
import type { Delivery } from './delivery.ts';
import type { Issue } from './issues.ts';
import { type BotpressEvent, type MappingResult, mapDelivery } from './map-delivery.ts';
import { findCompliance } from './read-compliance.ts';

/** What of a connection decides what its deliveries become. */
export interface ConnectionMapping {
  readonly source: SourceDefinition;
  readonly events: ChosenEvents;
  readonly settings: unknown;
}

/** What a delivery is good for. */
export type PrepareResult =
  /** Its event, made and checked. */
  | { readonly kind: 'ready'; readonly event: BotpressEvent }
  /** The platform's demand, which becomes no event. */
  | { readonly kind: 'compliance'; readonly definition: ComplianceDefinition }
  | {
      readonly kind: 'dead';
      readonly reason: 'unknown_connection' | Extract<MappingResult, { ok: false }>['reason'];
      readonly message: string;
      readonly issues?: readonly Issue[];
      /** Name of the event that it was to become, where there is one. */
      readonly event?: string;
    };

/**
 * Makes the event of a delivery, without a call. Never throws.
 *
 * @param connection its connection; undefined if there is none of that id
 */
export function prepareEvent(connection: ConnectionMapping | undefined, delivery: Delivery): PrepareResult {
  if (!connection) {
    return { kind: 'dead', reason: 'unknown_connection', message: `no connection ${delivery.connection}` };
  }
  const compliance = findCompliance(connection.source, delivery.topic);
  if (compliance) return { kind: 'compliance', definition: compliance };
  const definition = findEvent(connection.events, delivery.topic);
  if (!definition) {
    return { kind: 'dead', reason: 'invalid_input', message: `no event is defined for ${delivery.topic}` };
  }
  const mapping = mapDelivery(definition, delivery, connection.settings);
  if (mapping.ok) return { kind: 'ready', event: mapping.event };
  const { reason, message, issues } = mapping;
  return { kind: 'dead', reason, message, issues, event: definition.name };
}
