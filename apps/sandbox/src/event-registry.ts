import { createSourceRegistry } from '@sluice/events';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { z } from 'zod';
import { type ApiError, apiError } from './responses.ts';

/** A payload may have 10,000 errors; the message lists the first ones. */
const MAX_ERRORS = 5;

/** Definitions of events by bare event name: JSON Schemas, draft 7. The lengths are those of the Admin API. */
export const eventDefinitions = z.record(
  z.string().min(1).max(200),
  z.object({
    schema: z.record(z.string(), z.unknown()),
    title: z.string().max(64).optional(),
    description: z.string().max(256).optional(),
  }),
);

type EventDefinitions = Readonly<Record<string, { readonly schema: Readonly<Record<string, unknown>> }>>;

export type RegistrationResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly event: string; readonly message: string };

/** Who defines events: an integration, or a bot for itself. */
type Definer = { readonly integrationId: string } | { readonly botId: string };

/** The bot of an event, and the integration that sends it. */
interface Sender {
  readonly botId: string;
  readonly integrationId: string | undefined;
}

interface RegisteredIntegration {
  readonly integrationId: string;
  /** With the handle of the workspace: `acme/sluice-shopify`. */
  readonly name: string;
  readonly events: readonly string[];
}

/** The event definitions of integrations and bots. */
export interface EventRegistry {
  /**
   * Registers or replaces the events of an integration or a bot. Changes nothing if a schema does not compile.
   *
   * @param name of the integration; its id by default
   */
  put(definer: Definer, events: EventDefinitions, name?: string): RegistrationResult;
  /** Returns false if nothing is registered. */
  remove(definer: Definer): boolean;
  /** Returns the integrations with the names of their events. */
  list(): RegisteredIntegration[];
  /** Returns the name of a registered integration. */
  nameOf(integrationId: string): string | undefined;
  /**
   * Validates an event. Returns an error with the path of each mismatch and without values, or undefined.
   *
   * @param isRequired whether a definer without registered events may send none, instead of any type
   */
  validate(sender: Sender, type: string, payload: object, isRequired: boolean): ApiError | undefined;
}

interface Registration {
  readonly name: string;
  readonly validators: ReadonlyMap<string, ValidateFunction>;
}

/** Creates an empty registry. */
export function createEventRegistry(): EventRegistry {
  const integrations = new Map<string, Registration>();
  const bots = new Map<string, Registration>();
  const placeOf = (definer: Definer) =>
    'botId' in definer
      ? { registered: bots, id: definer.botId }
      : { registered: integrations, id: definer.integrationId };
  return {
    put(definer, events, name) {
      const compiled = compileAll(events);
      if (!compiled.ok) return compiled;
      const { registered, id } = placeOf(definer);
      registered.set(id, { name: name ?? id, validators: compiled.validators });
      return { ok: true };
    },
    remove(definer) {
      const { registered, id } = placeOf(definer);
      return registered.delete(id);
    },
    list: () =>
      [...integrations].map(([integrationId, { name, validators }]) => ({
        integrationId,
        name,
        events: [...validators.keys()],
      })),
    nameOf: (integrationId) => integrations.get(integrationId)?.name,
    validate({ botId, integrationId }, type, payload, isRequired) {
      const definer = integrationId === undefined ? bots.get(botId) : integrations.get(integrationId);
      const who = integrationId === undefined ? 'bot' : 'integration';
      if (!definer) {
        return isRequired ? apiError('InvalidPayload', `The ${who} defines no events.`) : undefined;
      }
      const validator = definer.validators.get(type);
      if (!validator) {
        const known = [...definer.validators.keys()].join(', ');
        const message = `The ${who} does not define this event type. It defines: ${known}.`;
        return apiError('InvalidPayload', message);
      }
      return validator(payload)
        ? undefined
        : apiError('InvalidPayload', describeErrors(validator.errors ?? []));
    },
  };
}

function compileAll(
  events: EventDefinitions,
):
  | { ok: true; validators: ReadonlyMap<string, ValidateFunction> }
  | { ok: false; event: string; message: string } {
  // One Ajv per registration: an Ajv accepts each $id only once.
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false });
  const validators = new Map<string, ValidateFunction>();
  for (const [event, definition] of Object.entries(events)) {
    const { $schema: _dialect, ...schema } = definition.schema;
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

/** Returns the definitions of all events of the demo's connections, as an integration would deploy them. */
export function demoEvents(): EventDefinitions {
  const sources = createSourceRegistry();
  const named = sources.get('standard-webhooks')?.eventsOf?.(DEMO_STANDARD) ?? [];
  const events = [...[...sources.values()].flatMap((source) => source.events), ...named];
  return Object.fromEntries(
    // Botpress' schemas are converted to draft 7, which is also Ajv's default.
    events.map((event) => [event.name, { schema: z.toJSONSchema(event.schema, { target: 'draft-7' }) }]),
  );
}
