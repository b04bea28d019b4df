import { z } from 'zod';
import { bodyPath } from '../../body-path.ts';
import { eventName } from '../../event-name.ts';

const fieldName = z
  .string()
  .regex(/^[A-Za-z]\w{0,99}$/, 'a field needs a name of letters, digits and _')
  .refine((name) => name !== 'deliveryId', 'deliveryId is a field that Sluice adds')
  // A payload without the field would inherit it.
  .refine((name) => !(name in Object.prototype), 'a name that JavaScript keeps for itself');

const eventSettings = z
  .strictObject({
    name: eventName.describe('name of the event at Botpress, like invoicePaid'),
    title: z.string().min(1).max(200).optional().describe('its title; the name unless given'),
    description: z.string().min(1).max(1_000).optional().describe('what it tells'),
    payload: z
      .record(fieldName, bodyPath)
      .optional()
      .describe('fields picked from the body, like amount: data.amount; without it, data is the whole body'),
    required: z
      .array(z.string())
      .default([])
      .describe('fields of payload without which the webhook is quarantined; others may be missing'),
  })
  .superRefine(({ payload = {}, required }, context) => {
    for (const [index, field] of required.entries()) {
      if (Object.hasOwn(payload, field)) continue;
      context.addIssue({ code: 'custom', path: ['required', index], message: 'is no field of payload' });
    }
  });

export type EventSettings = z.output<typeof eventSettings>;

/** What makes two entries of the same name one event. */
const shapeOf = ({ name: _, ...shape }: EventSettings) => JSON.stringify(shape);

export const eventsSettings = z
  .record(z.string().min(1, 'a topic without a name'), eventSettings)
  .refine((events) => Object.keys(events).length > 0, 'names no event')
  .superRefine((events, context) => {
    const first = new Map<string, [topic: string, shape: string]>();
    for (const [topic, event] of Object.entries(events)) {
      const [earlier, shape] = first.get(event.name) ?? [topic, shapeOf(event)];
      first.set(event.name, [earlier, shape]);
      if (shape === shapeOf(event)) continue;
      const message = `is the event of "${earlier}" already, where title, description, payload or required differ`;
      context.addIssue({ code: 'custom', path: [topic, 'name'], message });
    }
  })
  .describe("which topics become which events, like push: { name: githubPush }; '*' stands for all others");
