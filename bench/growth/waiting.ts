import { cloneDeliveries } from './clone.ts';
import type { Growing } from './curves.ts';
import { measureDeliver, measureEnqueue, pendingIn } from './phases.ts';

/** Of each phase, and those that are cloned. */
const COUNT = 2_000;
const TEMPLATES = 200;

/** Deliveries that wait for workers, in the order in which they came: what is delivered is the oldest. */
export const waiting: Growing = {
  points: [
    { title: '0 waiting', size: 0 },
    { title: '10,000', size: 10_000 },
    { title: '100,000', size: 100_000 },
    { title: '1,000,000', size: 1_000_000 },
  ],
  async seed(stage, place, size) {
    if (size === 0) return;
    await measureEnqueue(stage, place, TEMPLATES);
    await cloneDeliveries(place.redis, { standing: 'waiting', count: size - TEMPLATES });
  },
  async measure(stage, place, size) {
    // The worker has gone on for a moment after what was counted.
    const lacking = size - (await pendingIn(place));
    const enqueued = await measureEnqueue(stage, place, COUNT + lacking);
    const delivered = await measureDeliver(stage, place, COUNT);
    return { 'Enqueue, by the producer': enqueued, 'Deliver, by the worker': delivered };
  },
};
