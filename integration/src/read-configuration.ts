import { type ChosenEvents, chooseEvents, type SourceDefinition } from './sluice-events.ts';

/** A configuration as the handler works with it: what a connection is to Sluice. */
export interface Configured {
  readonly secrets: readonly string[];
  readonly settings: unknown;
  readonly events: ChosenEvents;
}

export type ConfigurationReading =
  | { readonly kind: 'configured'; readonly configured: Configured }
  /** No secret: events come from Sluice's queue, and nothing that comes here can be proved. */
  | { readonly kind: 'events_only' }
  /** Names settings and never quotes them. */
  | { readonly kind: 'wrong'; readonly problem: string };

/** Reads what the bot's owner filled in; the source's own settings schema decides, which knows more than the form. */
export function readConfiguration(source: SourceDefinition, configuration: unknown): ConfigurationReading {
  const { secret, previousSecret, events, ...given } = toRecord(configuration);
  const secrets = [secret, previousSecret].flatMap((text) => (typeof text === 'string' ? text.trim() : []));
  const usable = secrets.filter((text) => text !== '');
  if (usable.length === 0) return { kind: 'events_only' };

  const settings = source.settings.safeParse(withoutEmpty(given));
  if (!settings.success) {
    const told = settings.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.')}: ${message}`,
    );
    return { kind: 'wrong', problem: told.join('; ') };
  }
  const choice = chooseEvents(source, settings.data, switchesOf(source, toRecord(events)));
  if (!choice.ok) return { kind: 'wrong', problem: `unknown topics: ${choice.unknownTopics.join(', ')}` };
  return {
    kind: 'configured',
    configured: { secrets: usable, settings: settings.data, events: choice.events },
  };
}

/** Owners switch events; Sluice switches the topics that become them. */
function switchesOf(source: SourceDefinition, wishes: Record<string, unknown>): Record<string, boolean> {
  const switches = source.events.flatMap(({ name, topic }) => {
    const wish = wishes[name];
    return typeof wish === 'boolean' ? [topic].flat().map((one) => [one, wish] as const) : [];
  });
  return Object.fromEntries(switches);
}

/** A form sends what was left empty as an empty text. */
function withoutEmpty(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '' && value != null));
}

function toRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
