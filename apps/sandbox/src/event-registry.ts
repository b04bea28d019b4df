import { createSourceRegistry } from '@sluice/events';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { z } from 'zod';
import { type ApiError, apiError } from './responses.ts';

/** A payload may have 10,000 errors; the message lists the first ones. */
const MAX_ERRORS = 5;

/** JSON Schemas of an integration's events by bare event name. */
export type EventSchemas = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export type RegistrationResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly event: string; readonly message: string };

/** The event definitions of integrations. */
export interface EventRegistry {
  /** Registers or replaces an integration. Changes nothing if a schema does not compile. */
  put(integrationId: string, schemas: EventSchemas): RegistrationResult;
  /** Returns false if the integration is not registered. */
  remove(integrationId: string): boolean;
  /** Returns the integrations with the names of their events. */
  list(): { readonly integrationId: string; readonly events: readonly string[] }[];
  /** Validates an event. Returns an error with the path of each mismatch and without values, or undefined. */
  validate(integrationId: string | undefined, type: string, payload: object): ApiError | undefined;
}

/** Creates an empty registry. A bot, and an integration that is not registered, may send any type. */
export function createEventRegistry(): EventRegistry {
  const integrations = new Map<string, ReadonlyMap<string, ValidateFunction>>();
  return {
    put(integrationId, schemas) {
      const compiled = compileAll(schemas);
      if (!compiled.ok) return compiled;
      integrations.set(integrationId, compiled.validators);
      return { ok: true };
    },
    remove: (integrationId) => integrations.delete(integrationId),
    list: () =>
      [...integrations].map(([integrationId, validators]) => ({
        integrationId,
        events: [...validators.keys()],
      })),
    validate(integrationId, type, payload) {
      const validators = integrationId === undefined ? undefined : integrations.get(integrationId);
      if (!validators) return undefined;
      const validator = validators.get(type);
      if (!validator) {
        const known = [...validators.keys()].join(', ');
        return apiError(
          'InvalidPayload',
          `The integration does not define this event type. It defines: ${known}.`,
        );
      }
      return validator(payload)
        ? undefined
        : apiError('InvalidPayload', describeErrors(validator.errors ?? []));
    },
  };
}

function compileAll(
  schemas: EventSchemas,
):
  | { ok: true; validators: ReadonlyMap<string, ValidateFunction> }
  | { ok: false; event: string; message: string } {
  // One Ajv per registration: an Ajv accepts each $id only once.
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false });
  const validators = new Map<string, ValidateFunction>();
  for (const [event, { $schema: _dialect, ...schema }] of Object.entries(schemas)) {
    try {
      validators.set(event, ajv.compile(schema));
    } catch (error) {
      return { ok: false, event, message: error instanceof Error ? error.message : String(error) };
    }
  }
  return { ok: true, validators };
}

function describeErrors(errors: readonly ErrorObject[]): string {
  const messages = errors.slice(0, MAX_ERRORS).map((error) => `${pathOf(error)} ${messageOf(error)}`);
  const more = errors.length > MAX_ERRORS ? `; and ${errors.length - MAX_ERRORS} more` : '';
  return `The payload does not match the event's schema: ${messages.join('; ')}${more}.`;
}

function pathOf(error: ErrorObject): string {
  const missing = error.params.missingProperty ?? error.params.additionalProperty;
  const path = ['payload', ...error.instancePath.split('/').slice(1)];
  return (missing === undefined ? path : [...path, String(missing)]).join('.');
}

function messageOf(error: ErrorObject): string {
  if (error.keyword === 'required') return 'is required';
  if (error.keyword === 'additionalProperties') return 'is not in the schema';
  return error.message ?? `does not match "${error.keyword}"`;
}

export const DEMO_INTEGRATION_ID = 'demo-integration';

/** Settings of the connection `demo-standard`. Only this source lets its users name the events. */
const DEMO_STANDARD = {
  events: { 'user.created': 'userCreated', 'invoice.paid': 'invoicePaid' },
  topicPath: 'type',
  passOn: 'data',
};

/** Returns the JSON Schemas of all events of the demo's connections, as an integration would deploy them. */
export function demoEventSchemas(): EventSchemas {
  const sources = createSourceRegistry();
  const named = sources.get('standard-webhooks')?.eventsOf?.(DEMO_STANDARD) ?? [];
  const events = [...[...sources.values()].flatMap((source) => source.events), ...named];
  return Object.fromEntries(
    // Botpress' schemas are converted to draft 7, which is also Ajv's default.
    events.map((event) => [event.name, z.toJSONSchema(event.schema, { target: 'draft-7' })]),
  );
}
