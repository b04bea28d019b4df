import type { EventDefinition } from '../definitions/define-event.ts';
import type { SourceDefinition } from '../definitions/define-source.ts';

/**
 * The enabled events of one connection by topic. The topic `*` matches every topic without an entry. A topic
 * mapped to `undefined` is disabled; the entry keeps `*` from matching it.
 */
export type ChosenEvents = ReadonlyMap<string, EventDefinition | undefined>;

/**
 * Topics that a connection enables (`true`) or disables (`false`), overriding the default of their events.
 */
export type TopicSwitches = Readonly<Record<string, boolean>>;

export type ChooseEventsResult =
  | { readonly ok: true; readonly events: ChosenEvents }
  | {
      readonly ok: false;
      readonly unknownTopics: readonly string[];
      readonly knownTopics: readonly string[];
    };

/**
 * Chooses the events of one connection: the events of its source and of its settings, adjusted by its topic
 * switches.
 *
 * @param settings the output of the source's settings schema
 * @returns the events by topic, or the switched topics that no event has
 */
export function chooseEvents(
  source: SourceDefinition,
  settings: unknown,
  switches: TopicSwitches = {},
): ChooseEventsResult {
  const fromSettings = source.eventsOf?.(settings) ?? [];
  const topics = Object.keys(switches);
  if (fromSettings.length === 0 && topics.length === 0) return { ok: true, events: defaultEvents(source) };

  const available = byTopic([...source.events, ...fromSettings]);
  const isAvailable = (topic: string) => available.has(topic) || available.has('*');
  const unknownTopics = topics.filter((topic) => !isAvailable(topic));
  if (unknownTopics.length > 0) return { ok: false, unknownTopics, knownTopics: [...available.keys()] };
  const events = new Map<string, EventDefinition | undefined>();
  for (const topic of [...available.keys(), ...topics]) {
    const event = available.get(topic) ?? available.get('*');
    events.set(topic, (switches[topic] ?? !event?.optIn) ? event : undefined);
  }
  return { ok: true, events };
}

/** Returns the event that a topic becomes, or `undefined` if the topic is disabled or unknown. */
export function findEvent(events: ChosenEvents, topic: string): EventDefinition | undefined {
  return events.has(topic) ? events.get(topic) : events.get('*');
}

const defaults = new WeakMap<SourceDefinition, ChosenEvents>();

/** Returns the map that all connections without switches share; there may be thousands of them. */
function defaultEvents(source: SourceDefinition): ChosenEvents {
  let events = defaults.get(source);
  if (!events) {
    events = byTopic(source.events.filter((event) => !event.optIn));
    defaults.set(source, events);
  }
  return events;
}

function byTopic(events: readonly EventDefinition[]): Map<string, EventDefinition> {
  return new Map(events.flatMap((event) => [event.topic].flat().map((topic) => [topic, event] as const)));
}
