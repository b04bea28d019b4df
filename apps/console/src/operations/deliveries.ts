import { maskPersonalData, maskText, type PrepareResult, prepareEvent } from '@sluice/events';
import { DEAD_REASONS, deliveryId, MAX_TERMS, payloadTerm, toTerm } from '@sluice/queue';
import { z } from 'zod';
import { defineOperation } from '../api/operation.ts';
import { issuesOf } from '../http/input.ts';
import { Problem } from '../http/problem.ts';
import { hasRole, roleMissing } from '../http/request-details.ts';
import { issuesSchema, moment, viewIssues } from '../schemas/common.ts';
import { repeatable, wholeNumber } from '../schemas/filter.ts';
import { deliverySchema, deliveryState, viewDelivery } from './delivery-view.ts';

const foundSchema = z
  .object({
    id: z.string(),
    connection: z.string(),
    topic: z.string(),
    state: deliveryState,
    at: moment.describe('time of the delivery, failure or discard; otherwise of receipt'),
    eventId: z.string().optional(),
    reason: z.enum(DEAD_REASONS).optional(),
  })
  .meta({ id: 'FoundDelivery' });

const terms = z.array(payloadTerm).min(1).max(MAX_TERMS);

export const findDeliveries = defineOperation({
  id: 'findDeliveries',
  method: 'get',
  path: '/deliveries',
  role: 'viewer',
  summary: 'Find stored deliveries by values in their payload',
  description: 'Finds deliveries in any state. All values must match.',
  query: z.strictObject({
    having: repeatable.describe('`name=value` in the payload, for example `order_id=1042`; repeatable'),
    limit: wholeNumber(1, 100).default(20),
  }),
  response: z
    .object({ deliveries: z.array(foundSchema).describe('newest first, by time of receipt') })
    .meta({ id: 'FoundDeliveryList' }),
  handle: async ({ query: { having = [], limit } }, { deliveries }) => {
    const parsed = terms.safeParse(having.map(toTerm));
    if (!parsed.success)
      throw new Problem('invalid_request', '', { issues: issuesOf('query.having', parsed.error) });
    const found = await deliveries.find(parsed.data, { limit });
    return {
      deliveries: found.map(({ id, connection, topic, state, at, eventId, reason }) => ({
        ...{ id, connection, topic, state, at },
        ...(eventId === undefined ? {} : { eventId }),
        ...(reason === undefined ? {} : { reason }),
      })),
    };
  },
});

const params = z.strictObject({ id: deliveryId });

export const getDelivery = defineOperation({
  id: 'getDelivery',
  method: 'get',
  path: '/deliveries/:id',
  role: 'viewer',
  summary: 'Get a delivery with its attempts and edits',
  description:
    'Personal data is masked. `reveal=true` returns the exact body; it requires the role operator and is recorded in the audit log.',
  params,
  query: z.strictObject({
    reveal: z.stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' }).default(false),
    note: z.string().max(500).default('').describe('note for the audit log'),
  }),
  response: deliverySchema,
  problems: [404],
  handle: async ({ params: { id }, query: { reveal, note }, user }, { deliveries, audit }) => {
    if (reveal && !hasRole(user, 'operator')) throw roleMissing('operator', user);
    const record = await deliveries.read(id);
    if (!record) throw noDelivery(id);
    // The audit entry is written before the body is returned.
    if (reveal)
      await audit.append({ action: 'reveal', who: user.name, reason: note, about: { delivery: id } });
    return viewDelivery(record, reveal);
  },
});

export const eventPreview = z
  .union([
    z.object({
      ok: z.literal(true),
      event: z
        .string()
        .optional()
        .describe('absent for a compliance request and a forward, which create no event'),
      payload: z.unknown().describe('personal data masked'),
    }),
    z.object({
      ok: z.literal(false),
      reason: z.string(),
      message: z.string(),
      event: z.string().optional().describe('event of the mapper'),
      issues: issuesSchema.optional(),
    }),
  ])
  .meta({ id: 'EventPreview', description: 'Event that the current mapper creates, or its failure.' });

type Preview = z.input<typeof eventPreview>;

export const previewEvent = defineOperation({
  id: 'previewEvent',
  method: 'get',
  path: '/deliveries/:id/event',
  role: 'viewer',
  summary: 'Preview the event that the current mapper creates from a delivery',
  description: 'Sends nothing. The state of the delivery does not matter.',
  params,
  response: eventPreview,
  problems: [404],
  handle: async ({ params: { id } }, { deliveries, connections }): Promise<Preview> => {
    const record = await deliveries.read(id);
    if (!record) throw noDelivery(id);
    const { reading } = record;
    if (!reading.ok) return { ok: false, reason: 'unreadable', message: reading.why };
    return viewPreview(prepareEvent(connections().get(reading.delivery.connection), reading.delivery));
  },
});

function viewPreview(prepared: PrepareResult): Preview {
  switch (prepared.kind) {
    case 'ready':
      return { ok: true, event: prepared.event.type, payload: maskPersonalData(prepared.event.payload) };
    case 'compliance':
    case 'forward':
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

function noDelivery(id: string): Problem {
  return new Problem('not_found', `No delivery ${id} found. Only the newest delivered deliveries are kept.`);
}
