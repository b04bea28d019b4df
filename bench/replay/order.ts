import { randomBytes } from 'node:crypto';
import { BacklogPriority } from '@sluice/queue';
import type { EnqueueRequest } from '@sluice/queue/testing';
import { makeDelivery } from '@sluice/testing';

export const CONNECTION = 'shop';
/** High enough that nothing is paced. */
export const EVENTS_PER_MINUTE = 1_000_000;

/** A body of 1 kB. */
const NOTE = randomBytes(470).toString('hex');
const BODY = JSON.stringify({ id: 1, created_at: '2026-01-01T00:00:00Z', note: NOTE });

const priorities = new BacklogPriority(() => performance.now());

/** An order that comes now, to be enqueued as ingest does it. */
export function liveOrder(): EnqueueRequest {
  return {
    delivery: makeDelivery({ connection: CONNECTION, body: BODY, receivedAt: Date.now() }),
    deduplicationWindow: 60_000,
    priority: priorities.next(CONNECTION, EVENTS_PER_MINUTE),
  };
}
