import { z } from 'zod';
import { defineEvent, type EventDefinition, type MapContext } from '../../define-event.ts';
import { withoutNulls } from '../../without-nulls.ts';
import type { StandardWebhooksSettings } from './settings.ts';

const body = z.looseObject({});

const payload = z.object({
  type: z.string().describe('What happened, in the words of the sender, e.g. invoice.paid'),
  id: z.string().describe("The sender's id of it, the same when it was sent again: the header webhook-id"),
  timestamp: z.string().optional().describe('When it happened, by the word of the sender'),
  data: z.record(z.string(), z.unknown()).describe("The body's field data, or the whole body"),
});

/** What all events of this source have in common; thousands of connections share its schemas. */
const passedOn = defineEvent({
  name: 'passedOn',
  title: 'Passed on',
  description: 'Something happened at a sender of Standard Webhooks.',
  topic: '*',
  input: body,
  schema: payload,
  map: (input: z.output<typeof body>, { settings, delivery }: MapContext<StandardWebhooksSettings>) => ({
    type: delivery.topic,
    id: delivery.idempotencyKey,
    ...withoutNulls({ timestamp: typeof input.timestamp === 'string' ? input.timestamp : null }),
    data: settings.passOn === 'data' && isObject(input.data) ? input.data : input,
  }),
});

/** Makes the events that a connection's settings name: one for each name, of all topics that have it. */
export function eventsOfSettings({
  events,
}: StandardWebhooksSettings): readonly EventDefinition<StandardWebhooksSettings>[] {
  const topics = new Map<string, string[]>();
  for (const [topic, name] of Object.entries(events)) {
    topics.set(name, [...(topics.get(name) ?? []), topic]);
  }
  return [...topics].map(([name, topic]) => ({
    ...passedOn,
    name,
    title: `${name} (Standard Webhooks)`,
    description: topic.includes('*')
      ? 'Whatever else the sender tells.'
      : `The sender told: ${topic.join(', ')}.`,
    topic,
  }));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
