import { uuidV7 } from './uuid-v7.ts';

/** `dlv_` and a UUIDv7: never digits only and never with a colon, both of which BullMQ refuses as a job id. */
export type DeliveryId = `dlv_${string}`;

/** One thing that happened on a platform, as the queue keeps it. It never holds a secret. */
export interface Delivery {
  readonly id: DeliveryId;
  /** Id of the connection that received it. */
  readonly connection: string;
  /** Name of the source, e.g. `shopify`. */
  readonly source: string;
  /** The platform's name for what happened, e.g. `orders/create`. */
  readonly topic: string;
  /** What makes two deliveries of this connection the same thing. */
  readonly idempotencyKey: string;
  /** When ingest got it, in milliseconds since the epoch. */
  readonly receivedAt: number;
  /** When it happened, by the platform's word, in milliseconds since the epoch. */
  readonly occurredAt?: number;
  /** The exact text of this item, as it came. */
  readonly body: string;
  /** The few headers that the source keeps, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Makes a new delivery's id. `now` is in milliseconds since the epoch. */
export function newDeliveryId(now: number): DeliveryId {
  return `dlv_${uuidV7(now)}`;
}
