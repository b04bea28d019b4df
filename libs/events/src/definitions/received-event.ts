import { z } from 'zod';
import { defineEvent } from './define-event.ts';

const input = z.looseObject({});

/**
 * The event of the generic integration: any webhook, with its body as open data.
 *
 * Connections of the sources `custom` and `standard-webhooks` send it for topics without a named event. Studio
 * shows only events of installed integrations, so these webhooks would otherwise reach no bot there.
 */
export const receivedEvent = defineEvent({
  name: 'received',
  title: 'Webhook received',
  description: 'A platform sent a webhook. The topic says what happened, and data is what the platform sent.',
  topic: '*',
  input,
  schema: z.object({
    source: z.string().describe('The kind of platform: custom, or standard-webhooks'),
    connection: z.string().describe('Id of the connection in the connections file, like github'),
    topic: z.string().describe('What happened, as the platform names it, like issues.opened; may be empty'),
    occurredAt: z
      .string()
      .describe('When it happened according to the platform, else when Sluice received it, ISO 8601'),
    data: z.record(z.string(), z.unknown()).describe('The body, as the platform sent it'),
  }),
  map: (data: z.output<typeof input>, { delivery }) => ({
    source: delivery.source,
    connection: delivery.connection,
    topic: delivery.topic,
    occurredAt: new Date(delivery.occurredAt ?? delivery.receivedAt).toISOString(),
    data,
  }),
});
