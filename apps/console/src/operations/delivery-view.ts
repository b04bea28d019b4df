import { maskBody, maskPersonalData, maskText } from '@sluice/events';
import type { AttemptNote, DeliveryRecord, Whereabouts } from '@sluice/queue';
import { z } from 'zod';
import { count, moment } from '../schemas/common.ts';
import { failureSchema, viewFailure } from '../schemas/dead-letter.ts';

export const deliveryState = z.enum(['waiting', 'active', 'delayed', 'delivered', 'dead', 'discarded']);

const attemptSchema = z
  .object({
    at: moment,
    ms: z.number(),
    outcome: z.string().describe('`retry` or the reason of the failure'),
    message: z.string(),
    status: z.int().optional().describe('HTTP status of Botpress'),
    type: z.string().optional().describe('error type of Botpress'),
    errorId: z.string().optional().describe('error id of Botpress'),
  })
  .meta({ id: 'Attempt', description: 'Attempt without an event.' });

const bodySchema = z
  .union([
    z.object({ masked: z.literal(true), json: z.unknown().describe('body with personal data masked') }),
    z.object({ masked: z.literal(false), text: z.string().describe('exact body') }),
  ])
  .meta({ id: 'DeliveryBody' });

const editSchema = z
  .object({
    who: z.string(),
    reason: z.string().describe('note of the operator'),
    at: moment,
    change: z.unknown().describe('the JSON Patch, or `body` for a replaced body'),
  })
  .meta({ id: 'Edit' });

export const deliverySchema = z
  .object({
    id: z.string(),
    topic: z.string(),
    connection: z.string().optional(),
    source: z.string().optional(),
    receivedAt: moment.optional(),
    occurredAt: moment.optional(),
    idempotencyKey: z.string().optional(),
    headers: z.record(z.string(), z.unknown()).optional(),
    unreadable: z.string().optional().describe('why the stored delivery cannot be read'),
    state: deliveryState,
    until: moment.optional().describe('latest end of the delay'),
    at: moment.optional().describe('time of the delivery, failure or discard'),
    settled: z.record(z.string(), z.unknown()).optional().describe('the event, or another final result'),
    death: failureSchema.optional(),
    discarded: z
      .object({ who: z.string(), reason: z.string().describe('note of the operator'), at: moment })
      .optional(),
    attemptsMade: count,
    attempts: z.array(attemptSchema).describe('oldest first'),
    began: moment.optional().describe('start of an attempt that may have created an event'),
    replay: z.string().optional().describe('replay that requeued the delivery'),
    body: bodySchema.optional().describe('current body, with all edits'),
    original: bodySchema.optional().describe('body before the first edit'),
    edits: z.array(editSchema).describe('oldest first'),
  })
  .meta({ id: 'Delivery' });

type View = z.output<typeof deliverySchema>;

/** @param revealed includes the exact body and other personal data */
export function viewDelivery(record: DeliveryRecord, revealed: boolean): View {
  const { id, topic, reading, where, attemptsMade, attempts, began, replay, edits, original } = record;
  return {
    ...{ id, topic, attemptsMade },
    ...viewReading(reading, revealed),
    ...viewWhere(where),
    attempts: attempts.map(viewAttempt),
    edits: edits.map((edit) => ({ ...edit, change: revealed ? edit.change : maskChange(edit.change) })),
    ...(original?.ok ? { original: viewBody(original.delivery.body, revealed) } : {}),
    ...(began === undefined ? {} : { began }),
    ...(replay === undefined ? {} : { replay }),
  };
}

function viewReading(reading: DeliveryRecord['reading'], revealed: boolean): Partial<View> {
  if (!reading.ok) return { unreadable: reading.why };
  const { connection, source, receivedAt, occurredAt, idempotencyKey, headers, body } = reading.delivery;
  return {
    ...{ connection, source, receivedAt },
    ...(occurredAt === undefined ? {} : { occurredAt }),
    idempotencyKey: revealed ? idempotencyKey : maskText(idempotencyKey),
    headers: revealed ? headers : Object(maskPersonalData(headers)),
    body: viewBody(body, revealed),
  };
}

/** Masks the values of a patch as values of the last name in their path. */
function maskChange(change: DeliveryRecord['edits'][number]['change']): unknown {
  if (change === 'body') return change;
  return change.map((operation) => {
    if (!('value' in operation)) return operation;
    const name = operation.path.slice(operation.path.lastIndexOf('/') + 1);
    return { ...operation, ...maskedValue(maskPersonalData({ [name]: operation.value })) };
  });
}

const maskedValue = (masked: unknown) => ({ value: Object.values(Object(masked))[0] });

function viewBody(text: string, revealed: boolean): z.output<typeof bodySchema> {
  return revealed ? { masked: false, text } : { masked: true, json: maskBody(text) };
}

function viewWhere(
  where: Whereabouts,
): Pick<View, 'state' | 'until' | 'at' | 'settled' | 'death' | 'discarded'> {
  switch (where.state) {
    case 'waiting':
    case 'active':
      return { state: where.state };
    case 'delayed':
      return { state: where.state, until: where.until };
    case 'delivered':
      return { state: where.state, at: where.at, settled: { ...where.settled } };
    case 'dead':
      return { state: where.state, at: where.at, death: viewFailure(where.death) };
    case 'discarded': {
      const { at, death, by } = where;
      return { state: where.state, at, death: viewFailure(death), discarded: { ...by } };
    }
  }
}

function viewAttempt({ at, ms, outcome, message, status, type, errorId }: AttemptNote) {
  return {
    ...{ at, ms, outcome, message: maskText(message) },
    ...(status === undefined ? {} : { status }),
    ...(type === undefined ? {} : { type }),
    ...(errorId === undefined ? {} : { errorId }),
  };
}
