import { z } from 'zod';
import {
  defineEvent,
  type EventDefinition,
  type MapContext,
  withoutNulls,
} from '../../definitions/define-event.ts';
import { receivedEvent } from '../../definitions/received-event.ts';
import type { StandardWebhooksSettings } from './settings.ts';

const body = z.looseObject({});

const payload = z.object({
  type: z.string().describe('What happened, as the sender names it, e.g. invoice.paid'),
  id: z.string().describe('The header webhook-id, which is the same in a resend'),
  timestamp: z.string().optional().describe('When it happened, according to the sender'),
  data: z.record(z.string(), z.unknown()).describe("The body's field data, or the whole body"),
});

/** The template of all events of this source; thousands of connections share its schemas. */
const passThrough = defineEvent({
  name: 'passedOn',
  title: 'Passed on',
  description: 'A sender of Standard Webhooks sent a webhook.',
  topic: '*',
  fullBody: 'data',
  input: body,
  schema: payload,
  map: (input: z.output<typeof body>, { settings, delivery }: MapContext<StandardWebhooksSettings>) => ({
    type: delivery.topic,
    id: delivery.idempotencyKey,
    ...withoutNulls({ timestamp: typeof input.timestamp === 'string' ? input.timestamp : null }),
    data: dataOf(input, settings),
  }),
});

/** `received` with the part of the body that the connection passes on. */
const received: EventDefinition<StandardWebhooksSettings> = {
  ...receivedEvent,
  map: (input, context) => ({
    ...receivedEvent.map(input, context),
    data: dataOf(input as z.output<typeof body>, context.settings),
  }),
};

function dataOf(input: z.output<typeof body>, { passOn }: StandardWebhooksSettings) {
  return passOn === 'data' && isObject(input.data) ? input.data : input;
}

/**
 * Returns the events in a connection's settings: one per name, with all topics of that name. Without events,
 * every type becomes `received`.
 */
export function eventsOfSettings({
  events,
}: StandardWebhooksSettings): readonly EventDefinition<StandardWebhooksSettings>[] {
  if (!events) return [received];
  const topics = new Map<string, string[]>();
  for (const [topic, name] of Object.entries(events)) {
    topics.set(name, [...(topics.get(name) ?? []), topic]);
  }
  return [...topics].map(([name, topic]) =>
    name === received.name
      ? { ...received, topic }
      : {
          ...passThrough,
          name,
          title: `${name} (Standard Webhooks)`,
          description: topic.includes('*') ? 'All other topics.' : `Topics: ${topic.join(', ')}.`,
          topic,
        },
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
