import type { Delivery, DeliveryId } from '@sluice/events';
import { z } from 'zod';

/** Job data as stored, version 1. The delivery's id is the job's id; names are short, for there are millions. */
const storedDelivery = z.object({
  v: z.literal(1),
  connection: z.string(),
  source: z.string(),
  topic: z.string(),
  key: z.string(),
  receivedAt: z.number(),
  occurredAt: z.number().optional(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

export type StoredDelivery = z.output<typeof storedDelivery>;

export type Reading =
  | { readonly ok: true; readonly delivery: Delivery }
  | { readonly ok: false; readonly why: string };

/** Turns a delivery into job data. */
export function storeDelivery(delivery: Delivery): StoredDelivery {
  const { id: _, idempotencyKey, ...rest } = delivery;
  return { v: 1, key: idempotencyKey, ...rest };
}

/** Turns job data back into the delivery, or says why it cannot be read. */
export function readDelivery(jobId: string, data: unknown): Reading {
  const stored = storedDelivery.safeParse(data);
  if (!stored.success) {
    const version = typeof data === 'object' && data !== null && 'v' in data ? String(data.v) : 'none';
    return { ok: false, why: `job data of version ${version} cannot be read; this Sluice reads version 1` };
  }
  const { v: _, key, occurredAt, ...rest } = stored.data;
  const delivery = { ...rest, id: jobId as DeliveryId, idempotencyKey: key };
  return { ok: true, delivery: occurredAt === undefined ? delivery : { ...delivery, occurredAt } };
}
