import { z } from 'zod';
import { eventName } from '../../definitions/define-event.ts';
import { bodyPath } from '../../delivery/body-path.ts';

/** The settings of a connection with `source: standard-webhooks`. */
export const standardWebhooksSettings = z.strictObject({
  events: z
    .record(z.string().min(1, 'an empty topic'), eventName)
    .refine((events) => Object.keys(events).length > 0, 'must name at least one event')
    .optional()
    .describe(
      "event of each type, like invoice.paid: invoicePaid; '*' matches all other types; default: every type becomes received, the event of the generic integration",
    ),
  topicPath: bodyPath.default('type').describe('path of the type in the body, like type or event.name'),
  passOn: z
    .enum(['data', 'body'])
    .default('data')
    .describe(
      "what the event's field data holds: data for the body's field data (the whole body if it has none), body for the whole body",
    ),
});

export type StandardWebhooksSettings = z.output<typeof standardWebhooksSettings>;
