import { checkSchema } from './check-shape.ts';
import type { EventDefinition, MapContext } from './define-event.ts';
import type { Delivery } from './delivery.ts';
import type { Issue } from './issues.ts';

/** What Botpress is to get. */
export interface BotpressEvent {
  readonly type: string;
  readonly payload: Record<string, unknown>;
}

export type MappingResult =
  | { readonly ok: true; readonly event: BotpressEvent }
  | {
      readonly ok: false;
      readonly reason: 'invalid_input' | 'mapper_threw' | 'invalid_event';
      readonly message: string;
      readonly issues: readonly Issue[];
    };

/**
 * Maps a delivery to the event that Botpress gets: parse, check the input, map, check the payload.
 * Never throws: whatever is wrong with body or mapper is the value's `reason`.
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
  reason: 'invalid_input' | 'mapper_threw' | 'invalid_event',
  message: string,
  issues: readonly Issue[] = [],
): MappingResult {
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
    // Only the kind: a message like "cannot read x of {…}" may quote the payload.
    return { ok: false, error: error instanceof Error ? error.name : typeof error };
  }
}
