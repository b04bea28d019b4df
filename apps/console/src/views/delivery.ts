import { maskBody, maskPersonalData, maskText } from '@sluice/events';
import type { AttemptNote, DeliveryRecord, Whereabouts } from '@sluice/queue';
import { z } from 'zod';
import { Problem } from '../problem.ts';
import { count, deathSchema, moment, viewDeath } from './death.ts';

const attemptSchema = z.object({
  at: moment,
  ms: z.number(),
  outcome: z.string().describe('retry, or what it died of'),
  message: z.string(),
  status: z.int().optional(),
  type: z.string().optional(),
  errorId: z.string().optional(),
});

/** Personal data masked, or the exact text. */
const bodySchema = z.union([
  z.object({ masked: z.literal(true), json: z.unknown() }),
  z.object({ masked: z.literal(false), text: z.string() }),
]);

const editSchema = z.object({
  who: z.string(),
  reason: z.string(),
  at: moment,
  change: z.unknown().describe('the JSON Patch, or body where the whole was replaced'),
});

export const deliverySchema = z.object({
  id: z.string(),
  topic: z.string(),
  connection: z.string().optional(),
  source: z.string().optional(),
  receivedAt: moment.optional(),
  occurredAt: moment.optional(),
  idempotencyKey: z.string().optional(),
  headers: z.record(z.string(), z.unknown()).optional(),
  unreadable: z.string().optional().describe('why what is stored cannot be read'),
  state: z.enum(['waiting', 'active', 'delayed', 'delivered', 'dead', 'discarded']),
  until: moment.optional().describe('delayed until then, at the latest'),
  at: moment.optional().describe('delivered, dead or discarded since'),
  settled: z.record(z.string(), z.unknown()).optional().describe('as which event, or what became of it else'),
  death: deathSchema.optional(),
  discarded: z.object({ who: z.string(), reason: z.string(), at: moment }).optional(),
  attemptsMade: count,
  attempts: z.array(attemptSchema).describe('that brought no event, the oldest first'),
  began: moment.optional().describe('an attempt of then may have created an event'),
  replay: z.string().optional().describe('that put it back'),
  body: bodySchema.optional().describe('what the platform sent, or what it was edited to'),
  original: bodySchema.optional().describe('of one that was edited'),
  edits: z.array(editSchema).describe('the oldest first'),
});

type View = z.output<typeof deliverySchema>;

/** @param revealed shows the body as it is, and what else may name people */
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

export function noDelivery(id: string): Problem {
  return new Problem('not_found', `there is no delivery ${id}; of those delivered, only the newest are kept`);
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

/** The value of a patch is about what its path names last. */
function maskChange(change: DeliveryRecord['edits'][number]['change']): unknown {
  if (change === 'body') return change;
  return change.map((operation) => {
    if (!('value' in operation)) return operation;
    const name = operation.path.slice(operation.path.lastIndexOf('/') + 1);
    return { ...operation, ...readValue(maskPersonalData({ [name]: operation.value })) };
  });
}

const readValue = (masked: unknown) => ({ value: Object.values(Object(masked))[0] });

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
      return { state: where.state, at: where.at, death: viewDeath(where.death) };
    case 'discarded': {
      const { at, death, by } = where;
      return { state: where.state, at, death: viewDeath(death), discarded: { ...by } };
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
