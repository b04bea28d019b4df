import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Refusal, refuse } from './api-error.ts';

/** A payload that is wrong in 10,000 places is told in its first few. */
const MAX_MISTAKES = 5;

/** JSON Schemas of an integration's events, by bare event name. */
export type EventSchemas = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export type Registration =
  | { readonly ok: true }
  | { readonly ok: false; readonly event: string; readonly message: string };

/** The event definitions of integrations. */
export interface EventRegistry {
  /** Registers or replaces an integration; nothing changes when a schema does not compile. */
  put(integrationId: string, schemas: EventSchemas): Registration;
  /** False when there was none. */
  remove(integrationId: string): boolean;
  /** Integrations and the names of their events. */
  list(): { readonly integrationId: string; readonly events: readonly string[] }[];
  /** Why an event is refused, with the path of each mistake and never a value; undefined if it is fine. */
  refusalOf(integrationId: string | undefined, type: string, payload: object): Refusal | undefined;
}

/** Makes an empty registry: an integration that is not in it, and a bot, may send any type. */
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
    refusalOf(integrationId, type, payload) {
      const validators = integrationId === undefined ? undefined : integrations.get(integrationId);
      if (!validators) return undefined;
      const validate = validators.get(type);
      if (!validate) {
        const known = [...validators.keys()].join(', ');
        return refuse('InvalidPayload', `the integration defines no such event type; it defines: ${known}`);
      }
      return validate(payload) ? undefined : refuse('InvalidPayload', tellMistakes(validate.errors ?? []));
    },
  };
}

function compileAll(
  schemas: EventSchemas,
):
  | { ok: true; validators: ReadonlyMap<string, ValidateFunction> }
  | { ok: false; event: string; message: string } {
  // Each registration has its own Ajv, or a schema's $id could be registered only once.
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

function tellMistakes(errors: readonly ErrorObject[]): string {
  const told = errors.slice(0, MAX_MISTAKES).map((error) => `${pathOf(error)} ${wordingOf(error)}`);
  const more = errors.length > MAX_MISTAKES ? `; and ${errors.length - MAX_MISTAKES} more` : '';
  return `the payload does not fit the event's schema: ${told.join('; ')}${more}`;
}

function pathOf(error: ErrorObject): string {
  const missing = error.params.missingProperty ?? error.params.additionalProperty;
  const path = ['payload', ...error.instancePath.split('/').slice(1)];
  return (missing === undefined ? path : [...path, String(missing)]).join('.');
}

function wordingOf(error: ErrorObject): string {
  if (error.keyword === 'required') return 'is required';
  if (error.keyword === 'additionalProperties') return 'is not in the schema';
  return error.message ?? `does not fit "${error.keyword}"`;
}
