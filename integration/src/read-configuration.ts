import { type ChosenEvents, chooseEvents, type SourceDefinition } from './sluice-events.ts';

/** A valid configuration of the integration: what a connection is in Sluice. */
export interface Configuration {
  readonly secrets: readonly string[];
  readonly settings: unknown;
  readonly events: ChosenEvents;
}

export type ConfigurationResult =
  | { readonly kind: 'configured'; readonly configuration: Configuration }
  /** No secret: events come from Sluice's queue, and no webhook can be verified here. */
  | { readonly kind: 'events_only' }
  /** The problem names settings and does not quote their values. */
  | { readonly kind: 'invalid'; readonly problem: string };

/** Reads the integration's configuration with the source's settings schema, which is stricter than the form. */
export function readConfiguration(source: SourceDefinition, configuration: unknown): ConfigurationResult {
  const { secret, previousSecret, events, ...given } = toRecord(configuration);
  const secrets = [secret, previousSecret].flatMap((text) => (typeof text === 'string' ? text.trim() : []));
  const usable = secrets.filter((text) => text !== '');
  if (usable.length === 0) return { kind: 'events_only' };

  const settings = source.settings.safeParse(withoutEmpty(given));
  if (!settings.success) {
    const issues = settings.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.')}: ${message}`,
    );
    return { kind: 'invalid', problem: issues.join('; ') };
  }
  const choice = chooseEvents(source, settings.data, topicSwitches(source, toRecord(events)));
  if (!choice.ok) return { kind: 'invalid', problem: `unknown topics: ${choice.unknownTopics.join(', ')}` };
  return {
    kind: 'configured',
    configuration: { secrets: usable, settings: settings.data, events: choice.events },
  };
}

/** Converts the form's switches per event to Sluice's switches per topic. */
function topicSwitches(source: SourceDefinition, chosen: Record<string, unknown>): Record<string, boolean> {
  const switches = source.events.flatMap(({ name, topic }) => {
    const value = chosen[name];
    return typeof value === 'boolean' ? [topic].flat().map((one) => [one, value] as const) : [];
  });
  return Object.fromEntries(switches);
}

/** Removes empty fields, which the form sends as empty strings. */
function withoutEmpty(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '' && value != null));
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
