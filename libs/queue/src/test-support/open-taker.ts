import { Worker, type WorkerOptions } from 'bullmq';
import { deliveryBackend } from '../bullmq/backend.ts';
import type { DeliveryBackend } from '../bullmq/delivery-backend.ts';
import { QUEUE_NAME } from '../bullmq/layout.ts';

type TakerOptions = Omit<WorkerOptions, 'connection' | 'autorun'> & { readonly prefix: string };

/** A BullMQ worker with the ledger that takes a delivery only on request (`getNextJob`). */
export function openTaker(
  url: string,
  options: TakerOptions,
): Worker<unknown, unknown, string, DeliveryBackend> {
  return new Worker(QUEUE_NAME, null, { connection: { url }, autorun: false, ...options }, deliveryBackend());
}
