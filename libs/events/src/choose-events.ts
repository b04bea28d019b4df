import type { EventDefinition } from './define-event.ts';
import type { SourceDefinition } from './define-source.ts';

/**
 * The events of one connection by topic; `*` stands for every topic that has no entry of its own. A topic
 * without an event is switched off, which `*` must not undo.
 */
export type ChosenEvents = ReadonlyMap<string, EventDefinition | undefined>;

/** Which topics a connection switches on or off, against the default of their events. */
export type TopicSwitches = Readonly<Record<string, boolean>>;

export type ChooseEventsResult =
  | { readonly ok: true; readonly events: ChosenEvents }
  | {
      readonly ok: false;
      readonly unknownTopics: readonly string[];
      readonly knownTopics: readonly string[];
    };

/**
 * Chooses the events of one connection: those of its source, those that its settings name, less and plus
 * what it switches.
 *
 * @param settings as the source's settings schema returned them
 */
export function chooseEvents(
  source: SourceDefinition,
  settings: unknown,
  switches: TopicSwitches = {},
): ChooseEventsResult {
  const own = source.eventsOf?.(settings) ?? [];
  const topics = Object.keys(switches);
  if (own.length === 0 && topics.length === 0) return { ok: true, events: defaultEvents(source) };

  const available = byTopic([...source.events, ...own]);
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

/** Finds the event that a topic becomes. */
export function findEvent(events: ChosenEvents, topic: string): EventDefinition | undefined {
  return events.has(topic) ? events.get(topic) : events.get('*');
}

const defaults = new WeakMap<SourceDefinition, ChosenEvents>();

/** Thousands of connections share these. */
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
