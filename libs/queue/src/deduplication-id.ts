import { createHash } from 'node:crypto';
import type { Delivery } from '@sluice/events';

/**
 * Makes the id under which Redis knows a delivery as already there: a hash, for what a sender wrote may
 * hold colons, braces or 10 kB and is never used as a key. 128 bits: no two of 10^15 collide.
 */
export function deduplicationId(delivery: Pick<Delivery, 'connection' | 'idempotencyKey'>): string {
  const hash = createHash('sha256').update(JSON.stringify([delivery.connection, delivery.idempotencyKey]));
  return hash.digest('base64url').slice(0, 22);
}
