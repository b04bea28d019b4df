import { z } from 'zod';
import { withoutNulls } from '../../definitions/define-event.ts';

/** Text that Linear omits, or sends as null, if it has no value. */
export const text = z.string().nullish();

/** The fields of every webhook besides `data`. Older payloads lack the actor, removals the url. */
export const linearWebhook = z.looseObject({
  url: text,
  createdAt: text,
  organizationId: text,
  actor: z.looseObject({ id: text, name: text, type: text }).nullish(),
});

/** The payload fields that `mapWebhook` returns. */
export const webhookPayload = {
  url: z.string().optional().describe('URL of the object in Linear'),
  organizationId: z.string().optional().describe('Id of the Linear workspace'),
  occurredAt: z.string().optional().describe('Time of the action, ISO 8601'),
  actor: z
    .object({
      id: z.string().optional().describe("The actor's Linear id"),
      name: z.string().optional().describe('Name of the actor'),
      type: z.string().optional().describe('Type of the actor, like user'),
    })
    .optional()
    .describe('Who performed the action'),
  fullBody: z.record(z.string(), z.unknown()).describe('The whole webhook, as Linear sent it'),
};

/** Maps the fields besides `data` to `webhookPayload`. */
export function mapWebhook(webhook: z.output<typeof linearWebhook>) {
  const { url, organizationId, createdAt, actor } = webhook;
  return {
    fullBody: webhook,
    ...withoutNulls({
      url,
      organizationId,
      occurredAt: createdAt,
      actor: actor && withoutNulls({ id: actor.id, name: actor.name, type: actor.type }),
    }),
  };
}
