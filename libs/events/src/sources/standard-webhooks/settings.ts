import { z } from 'zod';
import { bodyPath } from '../../body-path.ts';
import { eventName } from '../../event-name.ts';

export const standardWebhooksSettings = z.strictObject({
  events: z
    .record(z.string().min(1, 'a topic without a name'), eventName)
    .refine((events) => Object.keys(events).length > 0, 'names no event')
    .describe("which types become which events, like invoice.paid: invoicePaid; '*' stands for all others"),
  topicPath: bodyPath.default('type').describe('where the body says its type, like type or event.name'),
  passOn: z
    .enum(['data', 'body'])
    .default('data')
    .describe(
      "what bots get as data: the body's field data (the whole body where it has none), or always the whole body",
    ),
});

export type StandardWebhooksSettings = z.output<typeof standardWebhooksSettings>;
