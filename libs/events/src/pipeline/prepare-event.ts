/**
 * The steps of the worker before it calls Botpress: find the event of a delivery, map it, validate the
 * payload.
 *
 * Dead letters store the messages below, and the fingerprint of a failure group hashes those without issues:
 * changing one splits the group.
 */

import { type ComplianceDefinition, findCompliance } from '../definitions/define-compliance.ts';
import type { EventDefinition, MapContext } from '../definitions/define-event.ts';
import type { SourceDefinition } from '../definitions/define-source.ts';
import { checkSchema, type Issue } from '../delivery/check-schema.ts';
import type { Delivery } from '../delivery/delivery.ts';
import { type ChosenEvents, findEvent } from './choose-events.ts';
import {
  type BotpressEvent,
  exceedsLimit,
  type FullBodySetting,
  leaveOutFullBody,
  selectFullBody,
} from './full-body.ts';
import { type EventLink, findEventLink, type LinkRule } from './link-rules.ts';

/** The parts of a connection that determine which events its deliveries become. */
export interface ConnectionMapping {
  readonly source: SourceDefinition;
  readonly events: ChosenEvents;
  readonly settings: unknown;
  /** Default `true`. */
  readonly fullBody?: FullBodySetting;
  readonly limits?: {
    /** Most bytes of an event. Default: unlimited. */
    readonly eventBytes?: number;
  };
  /** Set if its deliveries are forwarded as they are. */
  readonly isForward?: true;
  readonly link?: LinkRule;
}

/** What becomes of a delivery. */
export type PrepareResult =
  /** Its event, mapped and validated. */
  | {
      readonly kind: 'ready';
      readonly event: BotpressEvent;
      /** The payload field with its full body, if it has one. */
      readonly fullBody?: string;
      /** The records to link it to; absent if the connection links no events. */
      readonly link?: EventLink;
    }
  /** A compliance request, which becomes no event. */
  | { readonly kind: 'compliance'; readonly definition: ComplianceDefinition }
  /** A webhook to forward, which becomes no event. */
  | { readonly kind: 'forward' }
  | {
      readonly kind: 'dead';
      readonly reason: 'unknown_connection' | 'too_large' | FailedMapping['reason'];
      readonly message: string;
      readonly issues?: readonly Issue[];
      /** Name of the event that failed, if the topic has one. */
      readonly event?: string;
    };

/**
 * Maps a delivery to its event without calling Botpress. Never throws.
 *
 * @param connection the delivery's connection; `undefined` if no connection has that id
 */
export function prepareEvent(connection: ConnectionMapping | undefined, delivery: Delivery): PrepareResult {
  if (!connection) {
    return { kind: 'dead', reason: 'unknown_connection', message: `no connection ${delivery.connection}` };
  }
  if (connection.isForward) return { kind: 'forward' };
  const compliance = findCompliance(connection.source, delivery.topic);
  if (compliance) return { kind: 'compliance', definition: compliance };
  const definition = findEvent(connection.events, delivery.topic);
  if (!definition) {
    return { kind: 'dead', reason: 'invalid_input', message: `no event is defined for ${delivery.topic}` };
  }
  const mapping = mapDelivery(definition, delivery, connection.settings);
  if (mapping.ok) {
    const fitted = fitEvent(connection, definition, mapping.event, delivery.body.length);
    return connection.link ? withLink(fitted, connection.link, connection.source, delivery) : fitted;
  }
  const { reason, message, issues } = mapping;
  return { kind: 'dead', reason, message, issues, event: definition.name };
}

/** Selects the part of the full body that the connection passes on, and leaves it out of an event that is too large. */
function fitEvent(
  { fullBody = true, limits }: ConnectionMapping,
  definition: EventDefinition,
  mapped: BotpressEvent,
  bodyLength: number,
): PrepareResult {
  const { fullBody: member } = definition;
  const event = selectFullBody(mapped, member, fullBody);
  const limit = limits?.eventBytes ?? Number.POSITIVE_INFINITY;
  if (!exceedsLimit(event, bodyLength, limit)) {
    return {
      kind: 'ready',
      event,
      ...(member !== undefined && member in event.payload ? { fullBody: member } : {}),
    };
  }
  const smaller = leaveOutFullBody(event, member);
  if (smaller && !exceedsLimit(smaller, bodyLength, limit)) return { kind: 'ready', event: smaller };
  const without = smaller ? ' even without its full body' : '';
  const message = `${definition.name} has more than ${limit} bytes (limits.eventBytes)${without}`;
  return { kind: 'dead', reason: 'too_large', message, event: definition.name };
}

/** Adds the records of the event. The body is parsed again, but only for connections that link events. */
function withLink(
  prepared: PrepareResult,
  link: LinkRule,
  source: SourceDefinition,
  { topic, body }: Delivery,
): PrepareResult {
  if (prepared.kind !== 'ready') return prepared;
  return { ...prepared, link: findEventLink(link, source, topic, JSON.parse(body)) };
}

interface FailedMapping {
  readonly ok: false;
  readonly reason: 'invalid_input' | 'mapper_threw' | 'invalid_event';
  readonly message: string;
  readonly issues: readonly Issue[];
}

export type MappingResult = { readonly ok: true; readonly event: BotpressEvent } | FailedMapping;

/**
 * Maps a delivery to the event of a definition: parses the body, validates the input, maps it, validates the
 * payload. Never throws.
 *
 * @returns the event, or the step that failed as `reason`
 */
export function mapDelivery(
  definition: EventDefinition,
  delivery: Delivery,
  settings: unknown,
): MappingResult {
  const parsed = parseBody(delivery.body);
  if (!parsed.ok) return fail('invalid_input', 'the stored body is not valid JSON');
  const input = checkSchema(definition.input, parsed.json);
  if (!input.ok) return fail('invalid_input', `does not fit ${definition.name}`, input.issues);

  const mapped = runMapper(definition, input.data, { settings, delivery });
  if (!mapped.ok) return fail('mapper_threw', `mapper of ${definition.name}: ${mapped.error}`);

  const payload = checkSchema(definition.schema, mapped.payload);
  if (!payload.ok) {
    return fail('invalid_event', `payload does not fit ${definition.name}`, payload.issues);
  }
  return { ok: true, event: { type: definition.name, payload: payload.data as Record<string, unknown> } };
}

function fail(
  reason: FailedMapping['reason'],
  message: string,
  issues: readonly Issue[] = [],
): FailedMapping {
  return { ok: false, reason, message, issues };
}

function parseBody(body: string): { ok: true; json: unknown } | { ok: false } {
  try {
    return { ok: true, json: JSON.parse(body) };
  } catch {
    return { ok: false };
  }
}

function runMapper(
  definition: EventDefinition,
  input: unknown,
  context: MapContext<unknown>,
): { ok: true; payload: unknown } | { ok: false; error: string } {
  try {
    return { ok: true, payload: definition.map(input, context) };
  } catch (error) {
    // Only the error's name: a message like "cannot read x of {…}" may quote the payload.
    return { ok: false, error: error instanceof Error ? error.name : typeof error };
  }
}
