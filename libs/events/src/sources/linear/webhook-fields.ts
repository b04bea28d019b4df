import { z } from 'zod';
import { withoutNulls } from '../../without-nulls.ts';

/** Text that Linear leaves out, or nulls, where it does not know it. */
export const text = z.string().nullish();

/** What every webhook has around its `data`. Older payloads lack the actor, removals the url. */
export const linearWebhook = z.looseObject({
  url: text,
  createdAt: text,
  organizationId: text,
  actor: z.looseObject({ id: text, name: text, type: text }).nullish(),
});

/** The same in a payload. */
export const webhookPayload = {
  url: z.string().optional().describe('Where it is shown in Linear'),
  organizationId: z.string().optional().describe('Id of the Linear workspace'),
  occurredAt: z.string().optional().describe('When it happened, ISO 8601'),
  actor: z
    .object({
      id: z.string().optional(),
      name: z.string().optional(),
      type: z.string().optional().describe('Kind of actor, like user'),
    })
    .optional()
    .describe('Who did it'),
  fullBody: z.record(z.string(), z.unknown()).describe('The whole webhook, as Linear sent it'),
};

/** Maps what is around `data`. */
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
