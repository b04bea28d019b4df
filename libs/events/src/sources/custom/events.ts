import { z } from 'zod';
import {
  defineEvent,
  type EventDefinition,
  type MapContext,
  withoutNulls,
} from '../../definitions/define-event.ts';
import { receivedEvent } from '../../definitions/received-event.ts';
import { valueAtPath } from '../../delivery/body-path.ts';
import type { CustomSettings, EventSettings } from './settings.ts';

const type = z.string().describe('The topic: what happened, as the sender names it');
const body = z.looseObject({});

/** The template of events that pass the whole body on; thousands of connections share its schemas. */
const passThrough = defineEvent({
  name: 'passedOn',
  title: 'Passed on',
  description: 'A webhook arrived.',
  topic: '*',
  fullBody: 'data',
  input: body,
  schema: z.object({
    type,
    data: z.record(z.string(), z.unknown()).describe('The whole body, as sent'),
  }),
  map: (input: z.output<typeof body>, { delivery }: MapContext<CustomSettings>) => ({
    type: delivery.topic,
    data: input,
  }),
});

/**
 * Returns the events in a connection's settings: one per name, with all topics of that name. Without events,
 * every topic becomes `received`.
 */
export function eventsOfSettings({ events }: CustomSettings): readonly EventDefinition<CustomSettings>[] {
  if (!events) return [receivedEvent];
  const byName = new Map<string, { readonly event: EventSettings; readonly topics: string[] }>();
  for (const [topic, event] of Object.entries(events)) {
    const known = byName.get(event.name);
    if (known) known.topics.push(topic);
    else byName.set(event.name, { event, topics: [topic] });
  }
  return [...byName.values()].map(({ event, topics }) =>
    event.name === receivedEvent.name
      ? { ...receivedEvent, topic: topics }
      : {
          ...(event.payload ? pickFields(event.payload, event.required) : passThrough),
          name: event.name,
          title: event.title ?? event.name,
          description: event.description ?? `Topics: ${topics.join(', ')}.`,
          topic: topics,
        },
  );
}

/** Returns an event whose payload is picked from the body. Missing and null fields are omitted. */
function pickFields(
  paths: Readonly<Record<string, string>>,
  required: readonly string[],
): EventDefinition<CustomSettings> {
  const fields = Object.entries(paths);
  const schemaOf = ([field, path]: [string, string]): [string, z.ZodType] => {
    const value = z.unknown().describe(`Value of ${path} in the body`);
    return [field, required.includes(field) ? value : value.optional()];
  };
  const { fullBody: _, ...template } = passThrough;
  return defineEvent({
    ...template,
    input: z.unknown().superRefine((input, context) => {
      for (const [field, path] of fields) {
        if (!required.includes(field) || valueAtPath(input, path) != null) continue;
        context.addIssue({
          code: 'custom',
          path: path.split('.'),
          message: `is missing (required by the payload field ${field})`,
        });
      }
    }),
    schema: z.object({ type, ...Object.fromEntries(fields.map(schemaOf)) }),
    map: (input, { delivery }: MapContext<CustomSettings>) => ({
      type: delivery.topic,
      ...withoutNulls(Object.fromEntries(fields.map(([field, path]) => [field, valueAtPath(input, path)]))),
    }),
  });
}
