import { randomBytes } from 'node:crypto';

/**
 * `dlv_` and a UUIDv7. BullMQ rejects job ids that are all digits or contain a colon; this format is
 * neither.
 */
export type DeliveryId = `dlv_${string}`;

/** One occurrence on a platform, as the queue stores it. Never holds a secret. */
export interface Delivery {
  readonly id: DeliveryId;
  /** Id of the connection that received it. */
  readonly connection: string;
  /** Name of the source, e.g. `shopify`. */
  readonly source: string;
  /** The platform's name for the occurrence, e.g. `orders/create`. */
  readonly topic: string;
  /** Two deliveries of one connection with the same key are duplicates. */
  readonly idempotencyKey: string;
  /** When ingest received it, in milliseconds since the epoch. */
  readonly receivedAt: number;
  /** When it happened according to the platform, in milliseconds since the epoch. */
  readonly occurredAt?: number;
  /** The exact text of this item, as received. */
  readonly body: string;
  /** The headers that the source keeps; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Returns a new delivery id.
 *
 * @param now milliseconds since the epoch
 */
export function newDeliveryId(now: number): DeliveryId {
  return `dlv_${uuidV7(now)}`;
}

/**
 * Returns a version 7 UUID (RFC 9562). It sorts by time, so ids, logs and Redis keys read in order of
 * arrival.
 *
 * @param now milliseconds since the epoch; the first 48 bits
 * @param random ten random bytes; a parameter so that tests can fix them
 */
export function uuidV7(now: number, random: Uint8Array = randomBytes(10)): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
