import { z } from 'zod';
import { valueAtPath } from '../../body-path.ts';
import { defineEvent, type EventDefinition, type MapContext } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import type { EventSettings } from './event-settings.ts';
import type { CustomSettings } from './settings.ts';

const type = z.string().describe('What happened, in the words of the sender: the topic');
const body = z.looseObject({});

/** What events that pass the whole body on have in common; thousands of connections share its schemas. */
const passedOn = defineEvent({
  name: 'passedOn',
  title: 'Passed on',
  description: 'Something happened.',
  topic: '*',
  input: body,
  schema: z.object({
    type,
    data: z.record(z.string(), z.unknown()).describe('The whole body, as it was sent'),
  }),
  map: (input: z.output<typeof body>, { delivery }: MapContext<CustomSettings>) => ({
    type: delivery.topic,
    data: input,
  }),
});

/** Makes the events that a connection's settings name: one for each name, of all topics that have it. */
export function eventsOfSettings({ events }: CustomSettings): readonly EventDefinition<CustomSettings>[] {
  const byName = new Map<string, { readonly event: EventSettings; readonly topics: string[] }>();
  for (const [topic, event] of Object.entries(events)) {
    const known = byName.get(event.name);
    if (known) known.topics.push(topic);
    else byName.set(event.name, { event, topics: [topic] });
  }
  return [...byName.values()].map(({ event, topics }) => ({
    ...(event.payload ? picking(event.payload, event.required) : passedOn),
    name: event.name,
    title: event.title ?? event.name,
    description: event.description ?? `The sender told: ${topics.join(', ')}.`,
    topic: topics,
  }));
}

/** An event whose payload is picked from the body: what is missing or null is left out. */
function picking(
  paths: Readonly<Record<string, string>>,
  required: readonly string[],
): EventDefinition<CustomSettings> {
  const fields = Object.entries(paths);
  const schemaOf = ([field, path]: [string, string]): [string, z.ZodType] => {
    const value = z.unknown().describe(`From ${path} of the body`);
    return [field, required.includes(field) ? value : value.optional()];
  };
  return defineEvent({
    ...passedOn,
    input: z.unknown().superRefine((input, context) => {
      for (const [field, path] of fields) {
        if (!required.includes(field) || valueAtPath(input, path) != null) continue;
        context.addIssue({
          code: 'custom',
          path: path.split('.'),
          message: `is missing, which ${field} needs`,
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
