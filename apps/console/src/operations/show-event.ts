import { maskPersonalData, maskText, type PrepareResult, prepareEvent } from '@sluice/events';
import { deliveryId } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { noDelivery } from '../views/delivery.ts';
import { issuesSchema, viewIssues } from '../views/issues.ts';

/** What the mapper makes of a delivery, or why nothing. */
export const mappedAnswer = z.union([
  z.object({
    ok: z.literal(true),
    event: z.string().optional().describe('without it: it is a demand of the platform, and becomes none'),
    payload: z.unknown().describe('personal data masked'),
  }),
  z.object({
    ok: z.literal(false),
    reason: z.string(),
    message: z.string(),
    event: z.string().optional().describe('that it was to become'),
    issues: issuesSchema.optional(),
  }),
]);

export const showEvent = defineOperation({
  method: 'get',
  path: '/deliveries/:id/event',
  role: 'viewer',
  summary: 'Tells what today’s mapper makes of a delivery, whatever became of it; sends nothing',
  params: z.strictObject({ id: deliveryId }),
  answer: mappedAnswer,
  problems: [404],
  handle: async ({ params: { id } }, { deliveries, connections }): Promise<z.input<typeof mappedAnswer>> => {
    const record = await deliveries.read(id);
    if (!record) throw noDelivery(id);
    const { reading } = record;
    if (!reading.ok) return { ok: false, reason: 'unreadable', message: reading.why };
    return view(prepareEvent(connections().get(reading.delivery.connection), reading.delivery));
  },
});

function view(prepared: PrepareResult): z.input<typeof mappedAnswer> {
  switch (prepared.kind) {
    case 'ready':
      return { ok: true, event: prepared.event.type, payload: maskPersonalData(prepared.event.payload) };
    case 'compliance':
      return { ok: true, payload: null };
    case 'dead': {
      const { reason, message, issues, event } = prepared;
      return {
        ...{ ok: false, reason, message: maskText(message) },
        ...(event === undefined ? {} : { event }),
        ...viewIssues(issues),
      };
    }
  }
}
